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
}

# The password of the gateway's role: ephemeral, so it is in no plan and no state.
variable "gateway_password" {
  type      = string
  sensitive = true
  ephemeral = true
}

variable "database_address" {
  description = "host:port of the PostgreSQL server"
  type        = string
}

variable "runner_address" {
  description = "The address that applies come from: an allowlist without it would lock us out."
  type        = string
}

# Who may call the service, and what for.
resource "terrascale_api_key" "backend" {
  name       = "prod-backend"
  scopes     = ["database:read"]
  expires_in = "90d"
}

# Who is in the team.
resource "terrascale_team_member" "analyst" {
  email = "grace@example.com"
  role  = "readonly"
}

# Where calls may come from.
resource "terrascale_ip_allowlist" "this" {
  entries = [
    { cidr = var.runner_address, description = "CI runner" },
    { cidr = "203.0.113.0/24", description = "office" },
  ]
}

# Whom the gateway is to the database: a role that reads these tables and nothing else.
resource "terrascale_postgresql_readonly_role" "gateway" {
  name = "hyperterse"
  grants = [
    { database = "app", schema = "public", tables = ["users", "products", "orders"] },
    { database = "app", schema = "reporting" },
  ]
  future_tables_owned_by = ["app_owner"]
  connection_limit       = 20
  statement_timeout      = "30s"
  password_wo            = var.gateway_password
  password_wo_version    = 1
}

# How the gateway finds the database: the file in source control names a variable, and .env holds its value.
resource "terrascale_adapter" "app" {
  config_file       = "${path.root}/config.terse"
  name              = "app_db"
  connector         = "postgres"
  connection_string = "{{ env.DATABASE_URL }}"
  options           = { connect_timeout = "10" }
  dotenv = {
    file     = "${path.root}/.env"
    variable = "DATABASE_URL"
    value_wo = join("", [
      "postgresql://", terrascale_postgresql_readonly_role.gateway.username, ":", urlencode(var.gateway_password),
      "@", var.database_address, "/app?sslmode=verify-full",
    ])
    value_wo_version = terrascale_postgresql_readonly_role.gateway.password_version
  }
}

output "backend_key" {
  value     = terrascale_api_key.backend.secret
  sensitive = true
}
