list "terrascale_repository" "all" {
  provider         = terrascale
  include_resource = true # what is found is written as configuration

  config {
    database_id = "db_01HZX3M5V7"
  }
}
