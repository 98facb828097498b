data "terrascale_ip_allowlist" "current" {}

output "allowed_networks" {
  value = data.terrascale_ip_allowlist.current.enabled ? keys(data.terrascale_ip_allowlist.current.entries) : ["everywhere"]
}
