list "terrascale_redis_readonly_user" "all" {
  provider         = terrascale
  include_resource = true # what is found is written as configuration

  config {
    server = "cache"
  }
}
