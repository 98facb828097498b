variable "runner_address" {
  description = "The address that applies come from."
  type        = string
}

# There first, and the last to go: a list without it would lock the next run out.
resource "terrascale_ip_allowlist_entry" "runner" {
  cidr        = var.runner_address
  description = "CI runner"
  allow_open  = true
}

resource "terrascale_ip_allowlist_entry" "office" {
  for_each = {
    berlin = "203.0.113.0/24"
    lisbon = "2001:db8:42::/48"
  }
  cidr        = each.value
  description = "office ${each.key}"
  depends_on  = [terrascale_ip_allowlist_entry.runner]
}

resource "terrascale_ip_allowlist_entry" "contractor" {
  cidr        = "198.51.100.17"
  description = "migration, until the end of the year"
  expires_at  = "2099-12-31T23:59:59Z"
  depends_on  = [terrascale_ip_allowlist_entry.runner]
}
