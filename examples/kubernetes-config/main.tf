# A gateway in Kubernetes: its configuration is a ConfigMap, and the variables that the configuration names are a Secret.

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

variable "database" {
  type = object({ host = string, port = number })
}

variable "image" {
  description = "An image with Hyperterse in it"
  type        = string
}

variable "sessions_password" {
  description = "The gateway's password at the sessions' Redis, from terrascale_redis_readonly_user or elsewhere"
  type        = string
  ephemeral   = true
}

ephemeral "terrascale_password" "gateway" {}

resource "terrascale_postgresql_readonly_role" "gateway" {
  name        = "kubernetes_gateway"
  grants      = { "app.public" = { tables = ["orders"] } }
  password_wo = ephemeral.terrascale_password.gateway.result
  rotation    = { every = "90d", overlap = "7d" }
}

resource "kubernetes_config_map_v1" "gateway" {
  metadata {
    name      = "gateway"
    namespace = "prod"
  }
  data = {
    "config.terse" = local.configuration
  }
}

resource "kubernetes_secret_v1" "gateway" {
  metadata {
    name      = "gateway"
    namespace = "prod"
  }
  data_wo = {
    DATABASE_URL = provider::terrascale::connection_string("postgres", {
      host     = var.database.host
      port     = var.database.port
      database = "app"
      username = terrascale_postgresql_readonly_role.gateway.username
      password = ephemeral.terrascale_password.gateway.result
      sslmode  = "verify-full"
    })
    SESSIONS_PASSWORD = var.sessions_password
  }
  data_wo_revision = terrascale_postgresql_readonly_role.gateway.password_version
}

resource "kubernetes_deployment_v1" "gateway" {
  metadata {
    name      = "gateway"
    namespace = "prod"
  }
  spec {
    replicas = 2
    selector {
      match_labels = { app = "gateway" }
    }
    template {
      metadata {
        labels = { app = "gateway" }
        # Hyperterse reads both as it starts: another configuration, or another password, makes new pods.
        annotations = {
          configuration = sha256(local.configuration)
          password      = terrascale_postgresql_readonly_role.gateway.password_version
        }
      }
      spec {
        container {
          name  = "gateway"
          image = var.image
          args  = ["run", "-f", "/etc/hyperterse/config.terse"]
          env_from {
            secret_ref {
              name = kubernetes_secret_v1.gateway.metadata[0].name
            }
          }
          volume_mount {
            name       = "configuration"
            mount_path = "/etc/hyperterse"
            read_only  = true
          }
        }
        volume {
          name = "configuration"
          config_map {
            name = kubernetes_config_map_v1.gateway.metadata[0].name
          }
        }
      }
    }
  }
}
