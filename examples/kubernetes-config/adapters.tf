# The gateway's configuration as one text: our part of it, and the adapters. It names variables and holds no secret.

data "terrascale_adapter_config" "gateway" {
  adapters = {
    app_db = {
      connector         = "postgres"
      connection_string = "{{ env.DATABASE_URL }}"
      options           = { connect_timeout = "10" }
    }
    sessions = {
      connector         = "redis"
      connection_string = "rediss://gateway:{{ env.SESSIONS_PASSWORD }}@sessions.example.com:6379/0"
    }
  }
}

locals {
  configuration = "${file("${path.module}/gateway.terse")}\n${data.terrascale_adapter_config.gateway.content}"
}

output "configuration" {
  value = local.configuration
}
