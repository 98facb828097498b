# What a team changes by pull request. review.sh plans it and tells what that changes about access; apply.sh applies that very plan, once somebody
# has approved it. plan-review.yml runs both.

terraform {
  required_version = ">= 1.11"

  # PG_CONN_STR says where. Any backend with locks will do.
  backend "pg" {
    schema_name = "plan_review"
  }

  required_providers {
    terrascale = {
      source = "terrascale/terrascale"
    }
  }
}

provider "terrascale" {
  environment    = "prod"
  age_recipients = var.age_recipients
}

variable "age_recipients" {
  description = "Who can read the secrets in the state (age1…, or SSH public keys)"
  type        = set(string)
}

resource "terrascale_api_key" "backend" {
  name     = "prod-backend"
  scopes   = ["database:read", "database:write"]
  rotation = { every = "90d", overlap = "7d" }
}

resource "terrascale_postgresql_readonly_role" "gateway" {
  name   = "gateway"
  grants = { "app.public" = { tables = ["users", "orders"] } }
}

# Who may call the service. The first line has to contain where Terraform runs.
variable "networks" {
  type = map(string)
  default = {
    "127.0.0.1/32"    = "this machine"
    "198.51.100.0/24" = "the office"
  }
}

resource "terrascale_ip_allowlist" "this" {
  enabled = true
  entries = { for cidr, description in var.networks : cidr => { description = description } }
}
