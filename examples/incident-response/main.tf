# A key has leaked. Say so, and apply: a new key is made, and the leaked one is dead at the end of the same apply.
#
#   terraform apply -var 'leaked={"prod-backend"="2026-11-22, seen in a log"}'
#
# Every other key stays as it is. Keep the entry afterwards: taking it out again rotates nothing, and another text there
# is the next incident.

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

variable "leaked" {
  description = "What leaked: the key's name, and when and where"
  type        = map(string)
  default     = {}
}

locals {
  keys = {
    prod-backend = ["database:read", "database:write"]
    prod-reports = ["database:read"]
    ci-tests     = ["database:read"]
  }
}

resource "terrascale_api_key" "this" {
  for_each = local.keys

  name       = each.key
  scopes     = each.value
  expires_in = "100d"
  rotation = {
    every   = "90d"
    overlap = contains(keys(var.leaked), each.key) ? "0s" : "7d"
    trigger = lookup(var.leaked, each.key, null)
  }
}

output "secrets" {
  value     = { for name, key in terrascale_api_key.this : name => key.secret }
  sensitive = true
}
