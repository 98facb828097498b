import {
  to = terrascale_ip_allowlist_entry.office["berlin"]
  identity = {
    organization_id = "org_01HZX3M5V7"
    cidr            = "203.0.113.0/24"
  }
}
