// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/terraformcli"
)

// postgresqlProvider gives the provider block of a server at a port.
func postgresqlProvider(server *devstack.PostgreSQL, port int) string {
	return fmt.Sprintf(`terraform {
  required_providers {
    terrascale = { source = %q }
  }
}

provider "terrascale" {
  postgresql = {
    default = { host = %q, port = %d, username = %q, password = %q, sslrootcert = %q }
  }
}
`, terraformcli.Source, server.Host, port, server.Admin, server.AdminPassword.Reveal(), server.Authority.CAFile)
}

// rolesConfiguration makes roles that read all tables of the schemas, those to come included.
func rolesConfiguration(server *devstack.PostgreSQL, port, roles int) string {
	return postgresqlProvider(server, port) + fmt.Sprintf(`
resource "terrascale_postgresql_readonly_role" "reader" {
  count                  = %d
  name                   = "reader_${count.index}"
  grants                 = { for number in range(%d) : "app.s${number}" => {} }
  future_tables_owned_by = ["app_owner"]
}
`, roles, schemas)
}

// floorConfiguration makes resources of the CLI's own, which do nothing.
func floorConfiguration(count int) string {
	return fmt.Sprintf(`resource "terraform_data" "reader" {
  count = %d
  input = "reader_${count.index}"
}
`, count)
}
