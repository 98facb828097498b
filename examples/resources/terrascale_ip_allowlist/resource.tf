variable "runner_address" {
  description = "The address that applies come from: a list without it would lock you out, and is an error while planning."
  type        = string
}

resource "terrascale_ip_allowlist" "this" {
  entries = [
    { cidr = var.runner_address, description = "CI runner" },
    { cidr = "203.0.113.0/24", description = "office" },
    { cidr = "2001:db8:42::/48" },
  ]
}
