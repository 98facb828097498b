# The name of a server in the provider's mysql map, a slash, the user's name, an at sign, and its host.
terraform import terrascale_mysql_readonly_user.gateway 'default/gateway@10.0.0.0/8'
