ephemeral "terrascale_password" "shop" {}

# Whoever logs in has to use TLS, from one of these addresses, and reads one database whole and two tables of another. Two logins,
# gateway_a and gateway_b, are active in turn.
resource "terrascale_mysql_readonly_user" "gateway" {
  name = "gateway"
  host = "10.0.0.0/8"
  grants = {
    shop = {}
    crm  = { tables = ["customers", "contacts"] }
  }
  max_user_connections = 20

  password_wo = ephemeral.terrascale_password.shop.result
  rotation    = { every = "90d", overlap = "7d" }
}

output "gateway_username" {
  value = terrascale_mysql_readonly_user.gateway.username
}
