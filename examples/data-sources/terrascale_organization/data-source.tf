# The organization that the provider works in:
data "terrascale_organization" "current" {}

output "keys_left" {
  value = "${data.terrascale_organization.current.name} can have ${data.terrascale_organization.current.limits.api_keys} API keys."
}
