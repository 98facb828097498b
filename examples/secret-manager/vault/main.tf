terraform {
  required_version = ">= 1.11"
  required_providers {
    terrascale = { source = "terrascale/terrascale" }
    vault      = { source = "hashicorp/vault", version = ">= 5.0" }
  }
}

provider "terrascale" {
  age_recipients = var.age_recipients
}
provider "vault" {}

variable "age_recipients" {
  description = "Who can read the secrets in the state (age1…, or SSH public keys)"
  type        = set(string)
}

variable "age_identity" {
  description = "The private half of one of them, AGE-SECRET-KEY-1…, from the CI system's secrets"
  type        = string
  ephemeral   = true
}

resource "terrascale_postgresql_readonly_role" "gateway" {
  name     = "kept_gateway"
  grants   = { "app.reporting" = {} }
  rotation = { every = "90d", overlap = "7d", trigger = var.rotate }
}

variable "rotate" {
  type    = string
  default = "on schedule"
}

variable "database" {
  type = object({ host = string, port = number })
}

locals {
  connection = {
    host     = var.database.host
    port     = var.database.port
    database = "app"
    username = terrascale_postgresql_readonly_role.gateway.username
    sslmode  = "verify-full"
  }
}

resource "vault_kv_secret_v2" "gateway" {
  mount = "secret"
  name  = "prod/gateway"
  data_json_wo = jsonencode({
    DATABASE_URL = provider::terrascale::connection_string("postgres", merge(local.connection, {
      password = provider::terrascale::age_decrypt(terrascale_postgresql_readonly_role.gateway.password_encrypted, var.age_identity)
    }))
  })
  data_json_wo_version = terrascale_postgresql_readonly_role.gateway.password_version
}
