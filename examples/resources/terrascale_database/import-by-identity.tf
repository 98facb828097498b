import {
  to = terrascale_database.app
  identity = {
    id = "db_01HZX3M5V7"
  }
}
