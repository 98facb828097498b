import {
  to = terrascale_repository.customers
  identity = {
    database_id   = "db_01HZX3M5V7"
    repository_id = "repo_01HZX4Q2K9"
  }
}
