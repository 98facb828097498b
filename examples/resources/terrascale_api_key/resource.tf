# A key for the production backend. Changing any of this makes a new key first and revokes the old one last.
resource "terrascale_api_key" "backend" {
  name       = "prod-backend"
  scopes     = ["database:read", "database:write"]
  expires_in = "90d" # or expires_at = "2027-03-01T00:00:00Z"
}

output "backend_key" {
  value     = terrascale_api_key.backend.secret
  sensitive = true
}
