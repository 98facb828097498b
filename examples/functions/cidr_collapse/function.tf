locals {
  offices = ["203.0.113.0/25", "203.0.113.128/25", "203.0.113.7"]
  gateway = ["198.51.100.20", "198.51.100.21", "2001:DB8::/32"]
}

# ["198.51.100.20/31", "203.0.113.0/24", "2001:db8::/32"]
output "networks" {
  value = provider::terrascale::cidr_collapse(concat(local.offices, local.gateway))
}
