data "terrascale_team_members" "owners" {
  role   = "owner"
  status = "active"
}

data "terrascale_team_members" "invited" {
  status = "pending"
}

check "one_owner" {
  assert {
    condition     = length(data.terrascale_team_members.owners.members) == 1
    error_message = "More than one person owns the organization."
  }
}

output "open_invitations" {
  value = [for member in data.terrascale_team_members.invited.members : "${member.email}, since ${member.invited_at}"]
}
