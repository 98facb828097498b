resource "terrascale_team_member" "analyst" {
  email = "grace@example.com"
  role  = "readonly"
}

# The keys that this member made end with the membership.
resource "terrascale_team_member" "contractor" {
  email                      = "contractor@example.com"
  role                       = "member"
  revoke_api_keys_on_removal = true
}
