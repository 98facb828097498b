# Hyperterse 1, and Hyperterse 2
terraform import terrascale_adapter.users './config.terse#users_db'
terraform import terrascale_adapter.sessions './gateway#sessions'
