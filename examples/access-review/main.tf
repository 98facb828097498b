# The monthly review of who can do what: API keys, members, settings and the IP allowlist of the organization, and everybody who can log in to
# the database servers. It manages nothing and finds also what no resource manages. A run on a schedule (review.yml beside this file) opens an
# issue with the result.

terraform {
  required_version = ">= 1.11"

  required_providers {
    terrascale = {
      source = "terrascale/terrascale"
    }
  }
}

# PGHOST, PGUSER and PGPASSWORD make the server "default". Add servers to the maps postgresql, mysql and redis.
provider "terrascale" {
  environment = "prod"
}

data "terrascale_access_review" "monthly" {
  postgresql_servers = ["default"]

  key_max_age        = "90d"
  key_unused_for     = "30d"
  invitation_max_age = "14d"
  max_owners         = 1

  # What is known and accepted, with the reason. In the configuration that manages the key, write
  # "API key partner" = terrascale_api_key.partner.policy_exceptions: then the reason is written once.
  policy_exceptions = {
    "API key partner" = { wildcard-scope = "the partner's product needs it until 2027-03, SEC-123" }
  }
}

locals {
  review = data.terrascale_access_review.monthly
}

# Checks warn, and never block: whoever plans sees what is open.
check "no_grave_findings" {
  assert {
    condition     = local.review.counts["high"] == 0
    error_message = join("\n", [for f in local.review.findings : "${f.rule}, ${f.subject}: ${f.message}" if f.severity == "high"])
  }
}

check "exceptions_are_needed" {
  assert {
    condition     = alltrue([for e in local.review.exceptions : e.applies != false])
    error_message = join("\n", [for e in local.review.exceptions : "The exception from ${e.rule} for ${e.subject} can go." if e.applies == false])
  }
}

# terraform output -raw markdown > review.md
output "markdown" {
  value = local.review.markdown
}

output "findings" {
  value = length(local.review.findings)
}
