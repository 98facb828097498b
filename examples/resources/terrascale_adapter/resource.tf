variable "database_url" {
  description = "postgresql://user:password@host/database?sslmode=verify-full"
  type        = string
  sensitive   = true
  ephemeral   = true
}

# Hyperterse 1: one file, with adapters and queries in it.
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

# Hyperterse 2: a file of its own in the folder of .hyperterse, and the variable in the .env file beside that.
resource "terrascale_adapter" "sessions" {
  project           = "${path.root}/gateway"
  name              = "sessions"
  connector         = "postgres"
  connection_string = "{{ env.SESSIONS_URL }}"

  dotenv = {
    variable         = "SESSIONS_URL"
    value_wo         = var.database_url
    value_wo_version = 1
  }
}
