import {
  to = terrascale_ip_allowlist.this
  identity = {
    organization_id = "org_01HZX3M5V7"
  }
}
