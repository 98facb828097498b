// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// A plan, of what is there and of what is to be made, works as a login that may connect and nothing else: docs/guides/ci.md says so.
func TestAccRolePlanNeedsNoRights(t *testing.T) {
	database := newDatabase(t, "rights")
	database.Exec("CREATE ROLE rights_planner LOGIN PASSWORD 'of-the-planner'")
	roles := func(limit int) string {
		return role(fmt.Sprintf(`
  name                   = "rights_reader"
  grants                 = { "rights.reporting" = {} }
  future_tables_owned_by = ["rights_owner"]
  connection_limit       = %d
`, limit))
	}
	planner := fmt.Sprintf(`
provider "terrascale" {
  postgresql = {
    main = { host = %q, port = %d, username = "rights_planner", password = "of-the-planner", sslrootcert = %q }
  }
}
`, database.Host, database.Port, database.Authority.CAFile)
	w := acctest.NewWorkspace(t, planner+roles(3))
	require.Contains(t, w.Must("plan", "-input=false", "-no-color"), "1 to add")
	w.Configure(database.ServerHCL() + roles(3))
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	w.Configure(planner + roles(3))
	w.Must("plan", "-input=false", "-no-color", "-detailed-exitcode")
	w.Configure(planner + roles(4))
	require.Contains(t, w.Must("plan", "-input=false", "-no-color"), "connection_limit       = 3 -> 4")
	database.Exec("GRANT INSERT ON reporting.monthly TO rights_reader")
	require.Contains(t, w.Must("plan", "-input=false", "-no-color"), "INSERT on reporting.monthly")
}
