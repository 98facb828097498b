list "terrascale_postgresql_readonly_role" "all" {
  provider         = terrascale
  include_resource = true # what is found is written as configuration

  config {
    server       = "main"
    name_pattern = "^(gateway|reports)"
  }
}
