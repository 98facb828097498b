import {
  to = terrascale_postgresql_readonly_role.gateway
  identity = {
    server = "default"
    name   = "gateway"
  }
}
