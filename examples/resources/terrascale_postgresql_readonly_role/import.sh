# The server's name in the provider's postgresql map, a slash, and the role's name.
terraform import terrascale_postgresql_readonly_role.gateway default/gateway
