# Reviews keys, members, settings and the IP allowlist of the organization.
data "terrascale_access_review" "this" {
  key_max_age    = "180d"
  key_unused_for = "45d"

  policy_exceptions = {
    "API key reports" = { unused-key = "runs once a quarter, OPS-12" }
  }
}

# 'terraform plan' warns of what matters most, and goes on.
check "access" {
  assert {
    condition     = data.terrascale_access_review.this.counts["high"] == 0
    error_message = join("\n", [for f in data.terrascale_access_review.this.findings : "${f.rule}, ${f.subject}: ${f.message}" if f.severity == "high"])
  }
}

output "access_review_passed" {
  value = data.terrascale_access_review.this.passed
}
