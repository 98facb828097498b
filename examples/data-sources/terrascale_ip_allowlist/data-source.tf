data "terrascale_ip_allowlist" "current" {}

output "allowed_networks" {
  value = data.terrascale_ip_allowlist.current.enabled ? data.terrascale_ip_allowlist.current.entries[*].cidr : ["everywhere"]
}
