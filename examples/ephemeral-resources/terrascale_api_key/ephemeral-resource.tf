variable "database_id" {
  description = "Id of the database that the smoke test reads from."
  type        = string
  default     = "db_emulator"
}

# A key for this run only: it is in no state, and revoked when the run ends.
ephemeral "terrascale_api_key" "smoke_test" {
  name   = "ci-smoke-test"
  scopes = ["database:read"]
  ttl    = "15m"
}

# Reads with the key once, in the apply that makes this.
resource "terraform_data" "smoke_test" {
  provisioner "local-exec" {
    command = <<-SHELL
      curl --fail --silent --show-error --output /dev/null --header "Authorization: Bearer $KEY" \
        "$${TERRASCALE_ENDPOINT:-https://api.terrascale.io}/api/v1/databases/${var.database_id}/items"
    SHELL
    environment = {
      KEY = ephemeral.terrascale_api_key.smoke_test.secret
    }
  }
}
