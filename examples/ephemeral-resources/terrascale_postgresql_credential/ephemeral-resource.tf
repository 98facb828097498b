# A login for this run alone, in a role that reads the reporting schema.
ephemeral "terrascale_postgresql_credential" "reports" {
  role = "reporting_reader"
  ttl  = "15m"
}

# Whatever takes an ephemeral value can log in with it: a provider block, a write-only argument, or a provisioner.
resource "terraform_data" "row_counts" {
  triggers_replace = ["2026-11"]

  provisioner "local-exec" {
    command = "psql --dbname=app --command='SELECT count(*) FROM reporting.monthly'" # PGHOST says where
    environment = {
      PGUSER     = ephemeral.terrascale_postgresql_credential.reports.username
      PGPASSWORD = ephemeral.terrascale_postgresql_credential.reports.password
    }
  }
}
