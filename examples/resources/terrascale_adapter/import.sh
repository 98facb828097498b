terraform import terrascale_adapter.users './config.terse#users_db'
