// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// configuration is all that makes, takes or hands on secrets. It holds none itself.
func (l *leakLife) configuration() string {
	var text strings.Builder
	for _, name := range []string{
		"token", "login_password", "totp_secret", "age_identity", "postgresql_password", "mysql_password", "redis_password", "chosen",
	} {
		fmt.Fprintf(&text, "variable %q {\n  type      = string\n  ephemeral = true\n}\n", name)
	}
	for _, name := range slices.Sorted(maps.Keys(checks)) {
		fmt.Fprintf(&text, `
data "terrascale_connection_check" %[1]q {
  connector         = %[2]q
  connection_string = "{{ env.%[1]s }}"
  dotenv_file       = "${path.root}/checks.env"
  timeout           = "500ms"
}
output %[1]q {
  value = data.terrascale_connection_check.%[1]s
}
`, name, checks[name])
	}
	fmt.Fprintf(&text, `
locals {
  endpoint     = %q
  organization = %q
  postgresql = {
    main = { host = "localhost", port = %d, username = %q, password = var.postgresql_password, sslrootcert = %q }
  }
  mysql = {
    main = { host = "127.0.0.1", port = %d, username = %q, password = var.mysql_password, ca_file = %q }
  }
  redis = {
    main = { host = "localhost", port = %d, username = %q, password = var.redis_password, ca_file = %q }
  }
  readers = [%q]
}
`, l.gateway.URL, emulator.DefaultOrganizationID, l.database.Port, l.database.Admin, l.database.Authority.CAFile, l.mariaDB.Port, l.mariaDB.Admin,
		l.mariaDB.Authority.CAFile, l.redis.Port, l.redis.Admin, l.redis.Authority.CAFile, l.identity.Recipient())
	text.WriteString(lifeOfSecrets)
	for _, kind := range []string{"postgresql_readonly_role", "mysql_readonly_user", "redis_readonly_user"} {
		reads := map[string]string{
			"postgresql_readonly_role": `grants   = { "leaks.public" = { tables = [var.table] } }`, "mysql_readonly_user": `grants   = { leaks = {} }`,
			"redis_readonly_user": `key_patterns = ["${var.table}:*"]`,
		}[kind]
		for name, password := range map[string]string{
			"clear": "", "sealed": "age_recipients = local.readers\n  rotation = local.rotation",
			"chosen": "password_wo = var.chosen\n  rotation = local.rotation", "fresh": "password_wo = ephemeral.terrascale_password.fresh.result\n  rotation = local.rotation",
		} {
			fmt.Fprintf(&text, "resource \"terrascale_%s\" %q {\n  server = \"main\"\n  name = \"leaks_%[2]s\"\n  %s\n  %s\n}\n", kind, name, reads, password)
		}
	}
	return text.String()
}

const lifeOfSecrets = `
variable "trigger" {
  default = "1"
}
variable "table" {
  default = "orders"
}
variable "organization" {
  default = "org_emulator"
}
variable "canary" {}

provider "terrascale" {
  endpoint        = local.endpoint
  organization_id = local.organization
  access_token    = var.token
  max_retries     = 0
  postgresql      = local.postgresql
  mysql           = local.mysql
  redis           = local.redis
}
provider "terrascale" {
  alias           = "login"
  endpoint        = local.endpoint
  organization_id = local.organization
  email           = "admin@example.com"
  password        = var.login_password
  totp_secret     = var.totp_secret
  max_retries     = 0
  age_recipients  = local.readers
}

locals {
  rotation = { every = "90d", overlap = "0s", trigger = var.trigger }
}

resource "terrascale_api_key" "clear" {
  name       = "leaks-clear"
  scopes     = ["database:read"]
  expires_in = "100d"
  rotation   = local.rotation
}
resource "terrascale_api_key" "sealed" {
  name           = "leaks-sealed"
  scopes         = ["database:read"]
  expires_in     = "100d"
  rotation       = local.rotation
  age_recipients = local.readers
}
resource "terrascale_api_key" "by_login" {
  provider   = terrascale.login
  name       = "leaks-by-login"
  scopes     = ["database:read"]
  expires_in = "100d"
  rotation   = local.rotation
}

ephemeral "terrascale_password" "fresh" {}
ephemeral "terrascale_password" "handed_on" {}
ephemeral "terrascale_api_key" "this_run" {
  name   = "leaks-this-run"
  scopes = ["database:read"]
  ttl    = "15m"
}
ephemeral "terrascale_postgresql_credential" "this_run" {
  server = "main"
  role   = "leaks_reader"
  ttl    = "15m"
}

resource "terrascale_adapter" "sealed" {
  config_file       = "${path.root}/config.terse"
  name              = "sealed"
  connector         = "postgres"
  connection_string = "{{ env.SEALED_URL }}"
  dotenv = {
    file     = "${path.root}/.env"
    variable = "SEALED_URL"
    value_wo = provider::terrascale::connection_string("postgres", {
      host     = "localhost"
      port     = local.postgresql.main.port
      database = "leaks"
      username = terrascale_postgresql_readonly_role.sealed.username
      password = provider::terrascale::age_decrypt(terrascale_postgresql_readonly_role.sealed.password_encrypted, var.age_identity)
      sslmode  = "require"
    })
    value_wo_version = terrascale_postgresql_readonly_role.sealed.password_version
  }
}
resource "terrascale_adapter" "this_run" {
  config_file       = "${path.root}/config.terse"
  name              = "this_run"
  connector         = "postgres"
  connection_string = "{{ env.FOR_THIS_RUN }}"
  dotenv = {
    file             = "${path.root}/.env"
    variable         = "FOR_THIS_RUN"
    value_wo         = "${ephemeral.terrascale_password.handed_on.result} ${ephemeral.terrascale_api_key.this_run.secret} ${ephemeral.terrascale_postgresql_credential.this_run.password}"
    value_wo_version = terrascale_postgresql_readonly_role.sealed.password_version
  }
  depends_on = [terrascale_adapter.sealed]
}
data "terrascale_connection_check" "sealed" {
  connector         = "postgres"
  connection_string = "{{ env.SEALED_URL }}"
  dotenv_file       = "${path.root}/.env"
  depends_on        = [terrascale_adapter.this_run]
}
data "terrascale_team_members" "all" {
  organization_id = var.organization
}

# What a provider must not do: its secret is in the arguments of a process, in the state and in what is printed.
resource "terraform_data" "canary" {
  triggers_replace = [var.trigger]
  input            = var.canary
  provisioner "local-exec" {
    command = "sleep 0.3 # ${self.input}"
  }
}
output "api_key" {
  value     = terrascale_api_key.clear.secret
  sensitive = true
}
`
