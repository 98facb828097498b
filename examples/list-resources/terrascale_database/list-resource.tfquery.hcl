list "terrascale_database" "all" {
  provider         = terrascale
  include_resource = true # what is found is written as configuration

  config {
    region = "us-east-1"
  }
}
