# A gateway's way to its database, and the proof that it works: a login that only reads, with a password that no state holds in clear,
# an adapter, and a check that opens the adapter's connection in each plan and after each change.

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

resource "terrascale_postgresql_readonly_role" "gateway" {
  name = "checked_gateway"
  grants = {
    "app.public"    = { tables = ["users", "orders"] }
    "app.reporting" = {}
  }
  rotation = { every = "90d", overlap = "7d", trigger = var.rotate }
}

resource "terrascale_adapter" "app" {
  config_file       = "${path.root}/config.terse"
  name              = "app_db"
  connector         = "postgres"
  connection_string = "{{ env.DATABASE_URL }}"
  options           = { connect_timeout = "10" }
  dotenv = {
    file     = "${path.root}/.env"
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

# The adapter's own connection, with what the gateway reads out of .env. A change of the adapter comes first.
data "terrascale_connection_check" "app" {
  connector         = terrascale_adapter.app.connector
  connection_string = terrascale_adapter.app.connection_string
  options           = terrascale_adapter.app.options
  dotenv_file       = "${path.root}/.env"
  depends_on        = [terrascale_adapter.app]
}

locals {
  seen = data.terrascale_connection_check.app
}

# What does not hold is a warning of each plan and apply, and fails neither.
check "gateway" {
  assert {
    condition     = local.seen.reachable
    error_message = "The gateway can't reach the database: ${coalesce(local.seen.error, "no reason given")}"
  }
  assert {
    condition     = !local.seen.reachable || try(local.seen.tls.verified, false)
    error_message = "The gateway does not verify the database's certificate."
  }
  assert {
    condition     = !local.seen.reachable || coalesce(local.seen.read_only, false)
    error_message = "The gateway's login can do more than read: ${join(", ", coalesce(local.seen.writable, ["this can't be told"]))}"
  }
}

output "gateway" {
  description = "How the gateway reaches the database"
  value = {
    reachable = local.seen.reachable
    error     = local.seen.error
    username  = local.seen.username
    tls       = local.seen.tls
    read_only = local.seen.read_only
    writable  = local.seen.writable
    server    = local.seen.server_version
  }
}
