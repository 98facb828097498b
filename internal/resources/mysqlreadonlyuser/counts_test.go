// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysqlreadonlyuser_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/mysqlreadonlyuser"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

func readers(count int, more string) string {
	return fmt.Sprintf(`
resource %q "reader" {
  count  = %d
  server = "main"
  name   = "counted_${count.index}"
  grants = { counted = {}, counted_two = { tables = ["t", "u"] } }
  %s
}
`, mysqlreadonlyuser.TypeName, count, more)
}

// rounds counts what a run of the CLI, which has to succeed, does on the server.
func rounds(t *testing.T, m *acctest.MariaDB, workspace *acctest.Workspace, arguments ...string) devstack.Activity {
	t.Helper()
	meter, err := m.NewMeter()
	require.NoError(t, err)
	workspace.Must(append(arguments, "-input=false", "-no-color")...)
	seen, err := meter.Read()
	require.NoError(t, err)
	return seen
}

// What runs cost on the server. SET sql_mode counts, once for each connection.
func TestCounted(t *testing.T) {
	m := acctest.NewMariaDB(t, "CREATE DATABASE counted", "CREATE DATABASE counted_two", "CREATE TABLE counted_two.t (id INT)",
		"CREATE TABLE counted_two.u (id INT)")
	workspace := acctest.NewWorkspace(t, "")
	for _, test := range []struct {
		more string
		want int
	}{
		// In the plan a connection and what the server is; then a connection, what the server is, what it has, and what its views call; what is to
		// be read, CREATE, GRANT with the unlocking, what it has. What goes in one round trip is one here.
		{"", 10},
		{`rotation = { every = "90d", overlap = "7d" }`, 10},
	} {
		workspace.Configure(m.ServerHCL() + readers(1, test.more))
		require.Equal(t, devstack.Activity{Connections: 2, Statements: test.want}, rounds(t, m, workspace, "apply", "-auto-approve"))
		workspace.Must("destroy", "-auto-approve", "-input=false", "-no-color")
	}
	// A plan that changes nothing costs the same for any number of users.
	for _, count := range []int{50, 150} {
		workspace.Configure(m.ServerHCL() + readers(count, ""))
		workspace.Must("apply", "-auto-approve", "-input=false", "-no-color")
		require.Equal(t, devstack.Activity{Connections: 1, Statements: 4}, rounds(t, m, workspace, "plan", "-detailed-exitcode"), "%d users", count)
	}
	workspace.Must("destroy", "-auto-approve", "-input=false", "-no-color", "-parallelism=20")
	require.Empty(t, m.Traces("counted"))
}
