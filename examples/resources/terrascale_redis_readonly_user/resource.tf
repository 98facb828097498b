ephemeral "terrascale_password" "cache" {}

# A user that reads two kinds of keys and listens to one kind of channel. While a rotation's overlap lasts, both passwords work.
resource "terrascale_redis_readonly_user" "gateway" {
  name             = "gateway"
  key_patterns     = ["app:*", "session:*"]
  channel_patterns = ["news.*"]
  commands         = ["+@read", "+@connection", "+subscribe", "-@dangerous"]

  password_wo = ephemeral.terrascale_password.cache.result
  rotation    = { every = "90d", overlap = "7d" }
}
