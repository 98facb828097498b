# One environment of a gateway, from the API key to the database role: 'make demo' applies this against an emulator and a
# private PostgreSQL server. The provider takes its credentials from TERRASCALE_ and PG variables.

terraform {
  required_version = ">= 1.11"
  required_providers {
    terrascale = {
      source = "terrascale/terrascale"
    }
  }
}

provider "terrascale" {
  environment = "prod"
  # Every secret in the state is ciphertext, which the owner of the key reads: age-keygen -o key.txt makes one.
  age_recipients = [var.age_recipient]
}

variable "age_recipient" {
  description = "The public half of the key (age1…)"
  type        = string
}

variable "age_identity" {
  description = "The private half (AGE-SECRET-KEY-1…), from the CI system's secrets or key.txt: export TF_VAR_age_identity"
  type        = string
  ephemeral   = true
}

variable "database" {
  description = "Where the gateway finds the PostgreSQL server; ca_file is the authority that signed its certificate, if it is a private one"
  type        = object({ host = string, port = number, ca_file = optional(string) })
}

variable "runner_address" {
  description = "The IPv4 address that applies come from: an allowlist without it would lock us out."
  type        = string
}

variable "rotate" {
  description = "Any other text rotates the key and the role's password now."
  type        = string
  default     = "on schedule"
}

variable "overlap" {
  description = "How long the old credentials stay valid beside the new ones"
  type        = string
  default     = "7d"
}

locals {
  rotation = { every = "90d", overlap = var.overlap, trigger = var.rotate }
}

# Who may call the service, and what for.
resource "terrascale_api_key" "backend" {
  name       = "prod-backend"
  scopes     = ["database:read"]
  expires_in = "100d"
  rotation   = local.rotation
}

# Who is in the team.
resource "terrascale_team_member" "analyst" {
  email = "grace@example.com"
  role  = "readonly"
}

# Where calls may come from.
resource "terrascale_ip_allowlist" "this" {
  entries = {
    "${var.runner_address}/32" = { description = "CI runner" }
    "203.0.113.0/24"           = { description = "office" }
  }
}

# Whom the gateway is to the database: a role that reads these tables and nothing else. Its password is generated.
resource "terrascale_postgresql_readonly_role" "gateway" {
  name = "hyperterse"
  grants = {
    "app.public"    = { tables = ["users", "products", "orders"] }
    "app.reporting" = {}
  }
  future_tables_owned_by = ["app_owner"]
  connection_limit       = 20
  statement_timeout      = "30s"
  rotation               = local.rotation
}

# How the gateway finds the database: the file in source control names a variable, and .env holds its value. Any run can write .env,
# also one in a fresh checkout.
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

# The adapter's connection, opened as the gateway opens it: in each plan, and after a change in the apply.
data "terrascale_connection_check" "app" {
  connector         = terrascale_adapter.app.connector
  connection_string = terrascale_adapter.app.connection_string
  options           = terrascale_adapter.app.options
  dotenv_file       = "${path.root}/.env"
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

output "gateway_connection" {
  value = {
    for name in ["reachable", "username", "tls", "read_only", "server_version"] : name => data.terrascale_connection_check.app[name]
  }
}

# terraform output -raw backend_key | age -d -i key.txt
output "backend_key" {
  value = terrascale_api_key.backend.secret_encrypted
}
