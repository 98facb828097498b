# Opens the connection of an adapter with what .env holds. In CI, 'terraform plan' then says when the gateway's login stops
# working, or when it can do more than read.
data "terrascale_connection_check" "app" {
  connector         = "postgres"
  connection_string = "{{ env.DATABASE_URL }}"
  options           = { connect_timeout = "10" }
  dotenv_file       = "${path.root}/.env"
}

check "gateway_reads_only" {
  assert {
    condition     = data.terrascale_connection_check.app.reachable
    error_message = "The gateway can't reach the database: ${coalesce(data.terrascale_connection_check.app.error, "no reason given")}"
  }
  assert {
    condition     = !data.terrascale_connection_check.app.reachable || coalesce(data.terrascale_connection_check.app.read_only, false)
    error_message = "The gateway's login can write: ${join(", ", coalesce(data.terrascale_connection_check.app.writable, ["this can't be told"]))}"
  }
}

output "gateway_is_reachable" {
  value = data.terrascale_connection_check.app.reachable
}
