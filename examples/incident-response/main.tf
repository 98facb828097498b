# A key or a database login has leaked. Say so, and apply: what leaked is replaced, and is dead at the end of the same apply.
#
#   terraform apply -var 'leaked={"prod-backend"="2026-11-22, seen in a log"}'
#   terraform apply -var 'leaked={"gateway"="2026-11-22, laptop stolen"}' -var lockdown=true
#
# Everything else stays as it is. Keep the entry afterwards: taking it out again rotates nothing, and another text there is the next incident.
# record.sh plans it and writes the record for the report.

terraform {
  required_version = ">= 1.11"
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

variable "leaked" {
  description = "What leaked: the name of the key or login, and when and where"
  type        = map(string)
  default     = {}
}

variable "lockdown" {
  description = "Let only the trusted networks call the service, until the incident is over"
  type        = bool
  default     = false
}

variable "networks" {
  description = "Who may call the service, and whether that holds in an incident, too. One of the trusted ones has to contain where Terraform runs."
  type        = map(object({ description = string, trusted = bool }))
  default = {
    "127.0.0.1/32"    = { description = "where Terraform runs", trusted = true }
    "198.51.100.0/24" = { description = "the office", trusted = false }
  }
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

# Without an overlap, the login before is disabled in the same apply, and its sessions are ended.
resource "terrascale_postgresql_readonly_role" "gateway" {
  name   = "gateway"
  grants = { "app.public" = {} }
  rotation = {
    every   = "90d"
    overlap = contains(keys(var.leaked), "gateway") ? "0s" : "7d"
    trigger = lookup(var.leaked, "gateway", null)
  }
}

resource "terrascale_ip_allowlist" "this" {
  enabled = true
  entries = { for cidr, network in var.networks : cidr => { description = network.description } if network.trusted || !var.lockdown }
}

# What the service knows, read before anything is changed.
data "terrascale_api_keys" "all" {
  status = "active"
}

data "terrascale_team_members" "all" {}

locals {
  leaked_keys = [for key in data.terrascale_api_keys.all.keys : key if contains(keys(var.leaked), key.name)]
}

# For the report: what each leaked key could do, whether it was used, and who made it. Scopes name no database: a key reaches all of them.
output "leaked_keys" {
  value = [for key in local.leaked_keys : {
    name         = key.name
    key_id       = key.key_id
    scopes       = key.scopes
    created_at   = key.created_at
    created_by   = key.created_by
    last_used_at = key.last_used_at
  }]
}

# Who made a leaked key may have lost more than that: these are the other keys that they made.
output "other_keys_of_the_same_people" {
  value = [for key in data.terrascale_api_keys.all.keys : "${key.name} (${key.key_id})"
  if contains(local.leaked_keys[*].created_by, key.created_by) && !contains(keys(var.leaked), key.name)]
}

# Check this list for people whom nobody invited.
output "members" {
  value = { for member in data.terrascale_team_members.all.members : member.email => member.role }
}

# terraform output -json secrets | jq -r '."prod-backend"' | age -d -i key.txt
output "secrets" {
  value = { for name, key in terrascale_api_key.this : name => key.secret_encrypted }
}
