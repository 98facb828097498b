terraform import 'terrascale_ip_allowlist_entry.office["berlin"]' 'org_01HZX3M5V7/203.0.113.0/24'
