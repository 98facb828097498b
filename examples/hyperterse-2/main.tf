# The gateway of the quick start with Hyperterse 2: the adapter is a file of its own in the folder of .hyperterse, and .env is beside that.

terraform {
  required_version = ">= 1.11"
  required_providers {
    terrascale = {
      source = "terrascale/terrascale"
    }
  }
}

# How the provider itself logs in comes from the environment: PGHOST, PGUSER and so on.
provider "terrascale" {
  age_recipients = var.age_recipients
}

variable "age_recipients" {
  description = "Who can read the secrets in the state (age1…, or SSH public keys)"
  type        = set(string)
}

variable "age_identity" {
  description = "The private half of one of them, AGE-SECRET-KEY-1…, from the CI system's secrets"
  type        = string
  ephemeral   = true
}

variable "database" {
  description = "Where the gateway finds the PostgreSQL server; ca_file is the authority that signed its certificate, if it is a private one"
  type        = object({ host = string, port = number, ca_file = optional(string) })
}

variable "rotate" {
  description = "Any other text rotates the password now."
  type        = string
  default     = "on schedule"
}

locals {
  project = "${path.root}/gateway"
}

resource "terrascale_postgresql_readonly_role" "gateway" {
  name = "project_gateway"
  grants = {
    "app.public"    = { tables = ["users", "products", "orders"] }
    "app.reporting" = {}
  }
  future_tables_owned_by = ["app_owner"]
  rotation               = { every = "90d", overlap = "7d", trigger = var.rotate }
}

# Written to gateway/app/adapters/app_db.terse. With project, the variable's file is gateway/.env.
resource "terrascale_adapter" "app" {
  project           = local.project
  name              = "app_db"
  connector         = "postgres"
  connection_string = "{{ env.DATABASE_URL }}"
  options           = { connect_timeout = "10" }
  dotenv = {
    variable = "DATABASE_URL"
    value_wo = provider::terrascale::connection_string("postgres", {
      host        = var.database.host
      port        = var.database.port
      database    = "app"
      username    = terrascale_postgresql_readonly_role.gateway.username
      password    = provider::terrascale::age_decrypt(terrascale_postgresql_readonly_role.gateway.password_encrypted, var.age_identity)
      sslmode     = "verify-full"
      sslrootcert = var.database.ca_file
    })
    value_wo_version = terrascale_postgresql_readonly_role.gateway.password_version
  }
}

# The adapter's connection, opened as the gateway opens it.
data "terrascale_connection_check" "app" {
  connector         = terrascale_adapter.app.connector
  connection_string = terrascale_adapter.app.connection_string
  options           = terrascale_adapter.app.options
  project           = local.project
  depends_on        = [terrascale_adapter.app]
}

check "gateway_reads_only" {
  assert {
    condition     = data.terrascale_connection_check.app.reachable
    error_message = "The gateway can't reach the database: ${coalesce(data.terrascale_connection_check.app.error, "no reason given")}"
  }
  assert {
    condition     = coalesce(data.terrascale_connection_check.app.read_only, !data.terrascale_connection_check.app.reachable)
    error_message = "The gateway's login can do more than read: ${join(", ", coalesce(data.terrascale_connection_check.app.writable, ["this can't be told"]))}"
  }
}

output "adapter_file" {
  value = terrascale_adapter.app.file
}

# What a restart of the gateway is due for: Hyperterse reads .env as it starts, and at no other time.
output "restart_when_this_changes" {
  value = terrascale_postgresql_readonly_role.gateway.password_version
}
