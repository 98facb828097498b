terraform {
  required_version = ">= 1.11"
  required_providers {
    terrascale = { source = "terrascale/terrascale" }
    # Some versions before it can't create a secret with data_wo under Terraform 1.12 or newer.
    kubernetes = { source = "hashicorp/kubernetes", version = ">= 3.2.1" }
  }
}

provider "terrascale" {}
provider "kubernetes" {}

ephemeral "terrascale_password" "gateway" {}

resource "terrascale_postgresql_readonly_role" "gateway" {
  name        = "kept_gateway"
  grants      = { "app.reporting" = {} }
  password_wo = ephemeral.terrascale_password.gateway.result
  rotation    = { every = "90d", overlap = "7d", trigger = var.rotate }
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

resource "kubernetes_secret_v1" "gateway" {
  metadata {
    name      = "gateway"
    namespace = "prod"
  }
  data_wo = {
    DATABASE_URL = provider::terrascale::connection_string("postgres", merge(local.connection, {
      password = ephemeral.terrascale_password.gateway.result
    }))
  }
  data_wo_revision = terrascale_postgresql_readonly_role.gateway.password_version
}
