import {
  to = terrascale_adapter.users
  identity = {
    project = "./gateway" # or config_file, for Hyperterse 1
    name    = "users_db"
  }
}
