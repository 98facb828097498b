# A key for the production backend. A scheduled 'terraform apply' replaces it every 90 days, and keeps the old one alive for
# a week, so that whoever uses it has the time to change over. The state holds the secret as ciphertext only.
resource "terrascale_api_key" "backend" {
  name       = "prod-backend"
  scopes     = ["database:read", "database:write"]
  expires_in = "100d" # Counts anew for each key. Or expires_at = "2027-03-01T00:00:00Z".

  rotation = {
    every         = "90d" # When the key is this old,
    before_expiry = "7d"  # or this close to its expiry,
    trigger       = "1"   # or as soon as this becomes another text.
    overlap       = "7d"  # "0s" after a leak: the old key ends in the same apply.
  }

  age_recipients = ["age1ew7p6a3uj6d4smgcdh2d87hj6vyerccpcjzz8syfrwwr26vw24fsksuprn"]
}

# terraform output -raw backend_key | age -d -i key.txt
output "backend_key" {
  value = terrascale_api_key.backend.secret_encrypted
}
