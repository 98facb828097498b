locals {
  granted = ["database:*", "repository:read"]
}

# A key that can do all that the backend needs: true.
output "enough" {
  value = provider::terrascale::scopes_cover(local.granted, ["database:read", "database:write"])
}
