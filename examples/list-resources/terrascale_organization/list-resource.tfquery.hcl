list "terrascale_organization" "all" {
  provider         = terrascale
  include_resource = true # what is found is written as configuration
}
