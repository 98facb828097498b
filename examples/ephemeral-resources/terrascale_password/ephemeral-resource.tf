ephemeral "terrascale_password" "gateway" {}

# The role takes the password when it rotates, and in no other apply.
resource "terrascale_postgresql_readonly_role" "gateway" {
  name        = "ephemeral_gateway"
  grants      = { "app.reporting" = {} }
  password_wo = ephemeral.terrascale_password.gateway.result
  rotation    = { every = "90d", overlap = "7d" }
}

# Whoever keeps it takes the same one in the same apply: password_version grows with each rotation.
resource "terrascale_adapter" "gateway" {
  config_file       = "${path.root}/config.terse"
  name              = "gateway_db"
  connector         = "postgres"
  connection_string = "{{ env.GATEWAY_URL }}"
  dotenv = {
    file     = "${path.root}/.env"
    variable = "GATEWAY_URL"
    value_wo = provider::terrascale::connection_string("postgres", {
      host     = "db.internal.example.com"
      database = "app"
      username = terrascale_postgresql_readonly_role.gateway.username
      password = ephemeral.terrascale_password.gateway.result
      sslmode  = "verify-full"
    })
    value_wo_version = terrascale_postgresql_readonly_role.gateway.password_version
  }
}
