list "terrascale_team_member" "all" {
  provider         = terrascale
  include_resource = true # what is found is written as configuration

  config {
    role = "admin"
  }
}
