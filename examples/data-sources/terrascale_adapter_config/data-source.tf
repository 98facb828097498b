# The adapters of a gateway whose configuration is built into an image.
data "terrascale_adapter_config" "gateway" {
  adapters = {
    users_db = {
      connector         = "postgres"
      connection_string = "{{ env.DATABASE_URL }}"
      options           = { connect_timeout = "10" }
    }
    cache = {
      connector         = "redis"
      connection_string = "rediss://gateway:{{ env.REDIS_PASSWORD }}@cache.example.com:6379/0"
    }
  }
}

output "adapters" {
  value = data.terrascale_adapter_config.gateway.content
}
