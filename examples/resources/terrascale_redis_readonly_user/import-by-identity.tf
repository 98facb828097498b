import {
  to = terrascale_redis_readonly_user.gateway
  identity = {
    server = "default"
    name   = "gateway"
  }
}
