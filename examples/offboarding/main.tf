# One list of people. Whoever is taken out of it loses the membership, the API keys that they made, and their own database login, in one apply.
# review.sh tells what that is before you apply it.

terraform {
  required_version = ">= 1.11"
  required_providers {
    terrascale = {
      source = "terrascale/terrascale"
    }
  }
}

provider "terrascale" {
  age_recipients = var.age_recipients
}

variable "age_recipients" {
  description = "Who can read the passwords in the state (age1…, or SSH public keys)"
  type        = set(string)
}

variable "people" {
  description = "Who works here, by e-mail address: the role, and what their own database login reads"
  type = map(object({
    role  = string
    login = optional(string)
    reads = optional(set(string), [])
  }))
}

resource "terrascale_team_member" "person" {
  for_each = var.people

  email = each.key
  role  = each.value.role

  # The keys that somebody made end before the membership does.
  revoke_api_keys_on_removal = true
}

# Dropped with its sessions.
resource "terrascale_postgresql_readonly_role" "person" {
  for_each = { for email, person in var.people : email => person if person.login != null }

  name   = each.value.login
  grants = { for schema in each.value.reads : schema => {} }
}

# A login that a person shares with others has to be rotated when the person leaves: change the text.
variable "shared_login_known_to" {
  description = "Who knows the password of the shared login"
  type        = string
}

resource "terrascale_postgresql_readonly_role" "shared" {
  name   = "reports"
  grants = { "app.reporting" = {} }
  rotation = {
    every   = "90d"
    overlap = "0s"
    trigger = var.shared_login_known_to
  }
}
