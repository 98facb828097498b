# One configuration for all environments, a workspace for each: terraform workspace select dev, staging or prod. Each
# environment is an organization of its own, so that no key of one opens another.

terraform {
  required_version = ">= 1.11"
  required_providers {
    terrascale = {
      source = "terrascale/terrascale"
    }
  }
}

variable "organizations" {
  description = "The organization of each environment, by its id"
  type        = map(string)
}

locals {
  # In any other workspace, the default one included, the plan stops here: no such key.
  environment = {
    dev = {
      keys = { dev-local = ["database:*"] }
      # The guide allows twice as long as in production, and there is no deployment to wait for.
      rotation   = { every = "180d", overlap = "0s" }
      expires_in = "200d"
      team       = {}
    }
    staging = {
      keys = {
        staging-backend = ["database:read", "database:write"]
        ci-tests        = ["database:read"]
      }
      rotation   = { every = "90d", overlap = "1d" }
      expires_in = "100d"
      team       = { "ada@example.com" = "member" }
    }
    prod = {
      keys       = { prod-backend = ["database:read", "database:write"] }
      rotation   = { every = "90d", overlap = "7d" }
      expires_in = "100d"
      team       = { "ada@example.com" = "readonly", "grace@example.com" = "admin" }
    }
  }[terraform.workspace]
}

provider "terrascale" {
  organization_id = var.organizations[terraform.workspace]
  environment     = terraform.workspace
  # What is a warning elsewhere stops a plan of production.
  least_privilege = terraform.workspace == "prod" ? "enforce" : "warn"
}

# Names say where a key belongs, whoever finds it: prod-backend, staging-backend, ci-tests, dev-local.
resource "terrascale_api_key" "this" {
  for_each   = local.environment.keys
  name       = each.key
  scopes     = each.value
  expires_in = local.environment.expires_in
  rotation   = local.environment.rotation

  # Only their owner reads them: age -d -i key.txt
  age_recipients = [var.age_recipient]
}

variable "age_recipient" {
  description = "Who reads the keys: a public key of age, or of SSH"
  type        = string
}

resource "terrascale_team_member" "this" {
  for_each = local.environment.team
  email    = each.key
  role     = each.value
}

output "keys" {
  description = "The keys, each encrypted for age_recipient"
  value       = { for name, key in terrascale_api_key.this : name => key.secret_encrypted }
}
