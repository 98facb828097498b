variable "database_url" {
  description = "postgresql://user:password@host/database?sslmode=verify-full"
  type        = string
  sensitive   = true
  ephemeral   = true
}

resource "terrascale_adapter" "users" {
  config_file       = "${path.root}/config.terse"
  name              = "users_db"
  connector         = "postgres"
  connection_string = "{{ env.DATABASE_URL }}"
  options           = { connect_timeout = "10" }

  # Fills in the variable where the gateway reads it; leave it out where something else does.
  dotenv = {
    file             = "${path.root}/.env"
    variable         = "DATABASE_URL"
    value_wo         = var.database_url
    value_wo_version = 1
  }
}
