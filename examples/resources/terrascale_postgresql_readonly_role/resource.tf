variable "gateway_password" {
  type      = string
  sensitive = true
  ephemeral = true
}

# A role that reads three tables and one whole schema, with the tables that app_owner will make there.
resource "terrascale_postgresql_readonly_role" "gateway" {
  name = "gateway"
  grants = {
    "app.public"    = { tables = ["users", "products", "orders"] }
    "app.reporting" = {}
  }
  future_tables_owned_by = ["app_owner"]
  connection_limit       = 20
  statement_timeout      = "30s"

  # Write-only: in no plan and no state. Raise the version to have another value set.
  password_wo         = var.gateway_password
  password_wo_version = 1
}

# Without password_wo, a password is generated and kept in the state, marked sensitive.
resource "terrascale_postgresql_readonly_role" "analyst" {
  name   = "analyst"
  grants = { "app.reporting" = {} }
}
