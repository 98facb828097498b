import {
  to = terrascale_mysql_readonly_user.gateway
  identity = {
    server = "default"
    name   = "gateway"
    host   = "10.0.0.0/8"
  }
}
