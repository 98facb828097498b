# A key and a database role that rotate on a schedule. What falls due is planned and applied by the next run of
# Terraform, so that a run on a schedule (rotate.yml beside this file) is all that it takes:
#
#   day 0    the first key and the first login are made
#   day 90   a new key and a new login are made; the old ones stay valid for 7 days
#   day 97   the old ones end
#
# Deploy the new credentials within those 7 days: the warnings of the plan say until when.

terraform {
  required_version = ">= 1.11"

  # Any backend with locks will do. The runner starts empty and is thrown away: nothing that matters is on it. PG_CONN_STR says where.
  backend "pg" {
    schema_name = "rotation"
  }

  required_providers {
    terrascale = {
      source = "terrascale/terrascale"
    }
  }
}

provider "terrascale" {
  environment     = "prod"
  least_privilege = "enforce"
  age_recipients  = var.age_recipients
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

variable "database_host" {
  description = "Where the gateway finds the PostgreSQL server"
  type        = string
  default     = "db.example.com"
}

resource "terrascale_api_key" "backend" {
  name       = "prod-backend"
  scopes     = ["database:read", "database:write"]
  expires_in = "100d" # a key that nobody rotated does not live for ever
  rotation = {
    every         = "90d"
    before_expiry = "5d"
    overlap       = "7d"
  }
}

resource "terrascale_postgresql_readonly_role" "reports" {
  name     = "reports"
  grants   = { "app.reporting" = {} }
  rotation = { every = "90d", overlap = "7d" }
}

# The gateway gets the new login in the apply that makes it. A run in a fresh checkout writes .env again.
resource "terrascale_adapter" "reports" {
  config_file       = "${path.root}/config.terse"
  name              = "reports"
  connector         = "postgres"
  connection_string = "{{ env.REPORTS_URL }}"
  dotenv = {
    file     = "${path.root}/.env"
    variable = "REPORTS_URL"
    value_wo = provider::terrascale::connection_string("postgres", {
      host     = var.database_host
      port     = 5432
      database = "app"
      username = terrascale_postgresql_readonly_role.reports.username
      password = provider::terrascale::age_decrypt(terrascale_postgresql_readonly_role.reports.password_encrypted, var.age_identity)
      sslmode  = "verify-full"
    })
    value_wo_version = terrascale_postgresql_readonly_role.reports.password_version
  }
}

# terraform output -raw backend_key | age -d -i key.txt
output "backend_key" {
  value = terrascale_api_key.backend.secret_encrypted
}

# terraform output -raw reports_password | age -d -i key.txt
output "reports_password" {
  value = terrascale_postgresql_readonly_role.reports.password_encrypted
}

output "reports_username" {
  value = terrascale_postgresql_readonly_role.reports.username
}
