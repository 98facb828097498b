// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

func settled() resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
}

// An admin who has no password at all logs in with a certificate, on a server whose own is of a private authority.
func TestAccProviderClientCertificate(t *testing.T) {
	const admin = "certificate admin"
	server := acctest.NewServer(t, "certificates", devstack.PostgreSQLOptions{CertificateUsers: []string{admin}})
	server.Exec(`CREATE ROLE "certificate admin" LOGIN SUPERUSER`)
	certFile, keyFile, err := server.Authority.ClientCertificate(admin)
	require.NoError(t, err)
	other := acctest.NewServer(t, "certificates", devstack.PostgreSQLOptions{})
	foreignCert, foreignKey, err := other.Authority.ClientCertificate(admin)
	require.NoError(t, err)
	block := func(host, rootFile, cert, key string) string {
		return fmt.Sprintf(`
provider "terrascale" {
  least_privilege = "enforce"
  postgresql = {
    main = { host = %q, port = %d, username = %q, sslmode = "verify-full", sslrootcert = %q, sslcert = %s, sslkey = %s }
  }
}
`, host, server.Port, admin, rootFile, cert, key) + reader("main", "certificates")
	}
	root := server.Authority.CAFile
	cert, key := quoted(certFile), quoted(keyFile)
	fails := func(config, want string) resource.TestStep {
		return resource.TestStep{Config: config, ExpectError: regexp.MustCompile(want)}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		CheckDestroy:             acctest.NoRole(server, "certificates_reader"),
		Steps: []resource.TestStep{
			fails(block("localhost", root, "null", "null"), `requires\s+a\s+valid\s+client\s+certificate`),
			fails(block("localhost", root, quoted(foreignCert), quoted(foreignKey)), `(?i)(unknown\s+ca|unknown\s+certificate\s+authority|reset|EOF|certificate)`),
			fails(block("localhost", other.Authority.CAFile, cert, key), `unknown\s+authority`),
			fails(block("localhost", root, cert, quoted(foreignKey)), `private\s+key\s+does\s+not\s+match`),
			fails(block("localhost", root, cert, quoted(filepath.Join(t.TempDir(), "none"))), `no\s+such\s+file`),
			fails(block("127.0.0.2", root, cert, key), `(?s)(certificate\s+is\s+valid\s+for|refused)`),
			{Config: block("localhost", root, cert, key), ConfigPlanChecks: settled()},
		},
	})
}

// One provider block serves a fleet: resources go over its servers with for_each.
func TestAccProviderSeveralServers(t *testing.T) {
	north := acctest.NewDatabase(t, "fleet")
	south := acctest.NewServer(t, "fleet", devstack.PostgreSQLOptions{})
	config := func(servers string) string {
		return fmt.Sprintf(`
locals {
  servers = {
    north = { port = %d, password = %q, sslrootcert = %q }
    south = { port = %d, password = %q, sslrootcert = %q }
  }
}
provider "terrascale" {
  postgresql = { for name, server in local.servers : name => merge(server, { host = "localhost", username = "postgres" }) }
}
resource "terrascale_postgresql_readonly_role" "test" {
  for_each = %s
  server   = each.key
  name     = "fleet_reader"
  grants   = { "fleet.public" = {} }
}
`, north.Port, north.AdminPassword.Reveal(), north.Authority.CAFile,
			south.Port, south.AdminPassword.Reveal(), south.Authority.CAFile, servers)
	}
	w := acctest.NewWorkspace(t, config("local.servers"))
	settles := func(servers string, inNorth, inSouth bool) {
		w.Configure(config(servers))
		w.Must("apply", "-auto-approve", "-input=false", "-no-color")
		require.Equal(t, inNorth, north.RoleExists("fleet_reader"))
		require.Equal(t, inSouth, south.RoleExists("fleet_reader"))
		w.Must("plan", "-input=false", "-no-color", "-detailed-exitcode")
	}
	settles("local.servers", true, true)
	settles(`toset(["south"])`, false, true)
	settles(`toset(["north", "south"])`, true, true)
	settles(`toset([])`, false, false)
}

// A password such as a cloud's token comes from an ephemeral value: another one each run, and in no plan or state.
func TestAccProviderEphemeralPassword(t *testing.T) {
	database := acctest.NewDatabase(t, "ephemeral")
	database.Exec("CREATE ROLE ephemeral_admin LOGIN SUPERUSER PASSWORD 'first-token-of-admin'")
	w := acctest.NewWorkspace(t, fmt.Sprintf(`
variable "token" {
  type      = string
  ephemeral = true
}
provider "terrascale" {
  postgresql = {
    main = { host = %q, port = %d, username = "ephemeral_admin", password = var.token, sslrootcert = %q }
  }
}
`, database.Host, database.Port, database.Authority.CAFile)+reader("main", "ephemeral"))
	plan := filepath.Join(t.TempDir(), "plan")
	run := func(token string, arguments ...string) {
		w.Must(slices.Insert(arguments, 1, "-input=false", "-no-color", "-var=token="+token)...)
	}
	run("first-token-of-admin", "plan", "-out="+plan)
	database.Exec("ALTER ROLE ephemeral_admin PASSWORD 'second-token-of-admin'")
	// A plan is applied with the token of that moment.
	run("second-token-of-admin", "apply", plan)
	require.True(t, database.RoleExists("ephemeral_reader"))
	require.NotContains(t, w.Must("show", "-json"), "token-of-admin")
	require.NotContains(t, w.Must("show", "-json", plan), "token-of-admin")
	database.Exec("ALTER ROLE ephemeral_admin PASSWORD 'third-token-of-admin'")
	run("third-token-of-admin", "plan", "-detailed-exitcode")
	run("third-token-of-admin", "destroy", "-auto-approve")
	require.False(t, database.RoleExists("ephemeral_reader"))
}
