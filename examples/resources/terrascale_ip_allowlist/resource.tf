variable "runner_address" {
  description = "The IPv4 address that applies come from: a list without it would lock you out, and is an error while planning."
  type        = string
}

resource "terrascale_ip_allowlist" "this" {
  entries = {
    "${var.runner_address}/32" = { description = "CI runner" }
    "203.0.113.0/24"           = { description = "office" }
    "2001:db8:42::/48"         = { description = "partner, until the contract ends", expires_at = "2027-12-31T00:00:00Z" }
  }
}
