list "terrascale_adapter" "all" {
  provider         = terrascale
  include_resource = true # what is found is written as configuration

  config {
    config_file = "config.terse" # or project = "gateway"
  }
}
