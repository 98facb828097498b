// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysqlreadonlyuser_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// A plan, of what is there and of what is to be made, works as a user that may read the tables of users and nothing else:
// docs/guides/ci.md says so.
func TestAccUserPlanNeedsToReadUsers(t *testing.T) {
	m := acctest.NewMariaDB(t, "CREATE DATABASE rights", "CREATE TABLE rights.orders (id INT)", "CREATE USER rights_planner IDENTIFIED BY 'of-the-planner' REQUIRE SSL",
		"GRANT SELECT ON mysql.* TO rights_planner")
	defer m.Exec("DROP USER rights_planner")
	users := func(limit int) string {
		return fmt.Sprintf(`
resource "terrascale_mysql_readonly_user" "test" {
  server               = "main"
  name                 = "rights_reader"
  grants               = { rights = { tables = ["orders"] } }
  max_user_connections = %d
}
`, limit)
	}
	planner := fmt.Sprintf(`
provider "terrascale" {
  mysql = {
    main = { host = %q, port = %d, username = "rights_planner", password = "of-the-planner", ca_file = %q }
  }
}
`, m.Host, m.Port, m.Authority.CAFile)
	w := acctest.NewWorkspace(t, planner+users(3))
	require.Contains(t, w.Must("plan", "-input=false", "-no-color"), "1 to add")
	w.Configure(m.ServerHCL() + users(3))
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	w.Configure(planner + users(3))
	w.Must("plan", "-input=false", "-no-color", "-detailed-exitcode")
	w.Configure(planner + users(4))
	require.Contains(t, w.Must("plan", "-input=false", "-no-color"), "max_user_connections = 3 -> 4")
	m.Exec("GRANT INSERT ON rights.orders TO rights_reader")
	require.Contains(t, w.Must("plan", "-input=false", "-no-color"), "INSERT on rights.orders")
	w.Configure(m.ServerHCL() + users(3))
	w.Must("destroy", "-auto-approve", "-input=false", "-no-color")
}
