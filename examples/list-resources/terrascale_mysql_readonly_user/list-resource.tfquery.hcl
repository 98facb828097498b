list "terrascale_mysql_readonly_user" "all" {
  provider         = terrascale
  include_resource = true # what is found is written as configuration

  config {
    server = "main"
  }
}
