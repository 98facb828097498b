resource "terrascale_ip_allowlist" "this" {
  entries = [
    { cidr = "203.0.113.0/24", description = "office" },
    { cidr = "198.51.100.7", description = "CI runner" },
    { cidr = "2001:db8:42::/48" },
  ]
}
