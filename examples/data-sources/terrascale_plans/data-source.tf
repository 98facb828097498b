data "terrascale_plans" "published" {}

output "databases_by_plan" {
  value = { for plan in data.terrascale_plans.published.plans : plan.type => plan.limits == null ? null : plan.limits.databases }
}
