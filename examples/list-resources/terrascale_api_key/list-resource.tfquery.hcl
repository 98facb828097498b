list "terrascale_api_key" "all" {
  provider         = terrascale
  include_resource = true # what is found is written as configuration

  config {
    name_pattern = "^prod-"
  }
}
