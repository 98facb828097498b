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
  required_providers {
    terrascale = {
      source = "terrascale/terrascale"
    }
  }
}

provider "terrascale" {
  environment     = "prod"
  least_privilege = "enforce"
}

variable "age_recipients" {
  description = "Who may read the secrets that the state holds (age1…, or SSH public keys)"
  type        = set(string)
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
  age_recipients = var.age_recipients
}

resource "terrascale_postgresql_readonly_role" "reports" {
  name           = "reports"
  grants         = { "app.reporting" = {} }
  rotation       = { every = "90d", overlap = "7d" }
  age_recipients = var.age_recipients
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
