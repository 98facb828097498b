resource "terrascale_organization" "analytics" {
  name          = "Acme Analytics"
  slug          = "acme-analytics"
  billing_email = "billing@example.com"
  require_mfa   = true
}

# An organization that may go again: it can be destroyed once this is applied.
resource "terrascale_organization" "sandbox" {
  name                = "Acme Sandbox"
  deletion_protection = false
}
