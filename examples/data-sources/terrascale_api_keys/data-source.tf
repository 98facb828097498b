data "terrascale_api_keys" "active" {
  status = "active"
}

# Keys that work and never end:
output "unbounded_keys" {
  value = [for key in data.terrascale_api_keys.active.keys : key.name if key.expires_at == null]
}
