# The name of a server in the provider's redis map, a slash, and the user's name.
terraform import terrascale_redis_readonly_user.gateway default/gateway
