// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/postgresqlreadonlyrole"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

// newSchemas makes a database with three schemas of twenty tables.
func newSchemas(t *testing.T, name string) *acctest.Database {
	t.Helper()
	return acctest.NewDatabase(t, name, "CREATE ROLE "+name+"_owner",
		`DO $$ BEGIN
			FOR s IN 1..3 LOOP
				EXECUTE format('CREATE SCHEMA s%s AUTHORIZATION `+name+`_owner', s);
				FOR t IN 1..20 LOOP EXECUTE format('CREATE TABLE s%s.t%s (id int)', s, t); END LOOP;
			END LOOP;
		END $$`)
}

// readers gives some roles that read all of what newSchemas made, and what comes.
func readers(database, prefix string, count int, more string) string {
	return fmt.Sprintf(`
resource %q "reader" {
  count                  = %d
  server                 = "main"
  name                   = "%s_${count.index}"
  grants                 = { for schema in ["s1", "s2", "s3"] : "%s.${schema}" => {} }
  future_tables_owned_by = ["%s_owner"]
  %s
}
`, postgresqlreadonlyrole.TypeName, count, prefix, database, database, more)
}

// rounds counts what a run of the CLI, which has to succeed, does on the server.
func rounds(t *testing.T, database *acctest.Database, workspace *acctest.Workspace, arguments ...string) devstack.Activity {
	t.Helper()
	meter, err := database.NewMeter()
	require.NoError(t, err)
	workspace.Must(append(arguments, "-input=false", "-no-color")...)
	seen, err := meter.Read()
	require.NoError(t, err)
	return seen
}

// TestCountedEmptyPlan holds what a plan that changes nothing costs: the same for any number of roles.
func TestCountedEmptyPlan(t *testing.T) {
	database := newSchemas(t, "counted")
	workspace := acctest.NewWorkspace(t, "")
	for _, roles := range []int{50, 200} {
		workspace.Configure(database.ServerHCL() + readers("counted", "counted", roles, ""))
		workspace.Must("apply", "-auto-approve", "-input=false", "-no-color")
		require.Equal(t, devstack.Activity{Connections: 1, Statements: 9},
			rounds(t, database, workspace, "plan", "-detailed-exitcode"), "%d roles", roles)
	}
	// The server serves other tests, too; a destroy of so many would take longer than all of the above.
	database.Exec(`DO $$ DECLARE role name; BEGIN
		FOR role IN SELECT rolname FROM pg_roles WHERE rolname ~ '^counted_[0-9]+$' LOOP
			EXECUTE format('DROP OWNED BY %1$I; DROP ROLE %1$I', role);
		END LOOP;
	END $$`)
}

// TestCountedCreate holds what it costs to make one role that reads three schemas and what comes to them. COMMIT counts, and
// BEGIN with the taking of the lock, which is one message, as one. The plan connects to see whether the server takes changes.
func TestCountedCreate(t *testing.T) {
	database := newSchemas(t, "countedcreate")
	for name, test := range map[string]struct {
		more string
		want int
	}{
		"one login":          {"", 10},
		"two logins in turn": {`rotation = { every = "90d", overlap = "7d" }`, 11},
	} {
		t.Run(name, func(t *testing.T) {
			workspace := acctest.NewWorkspace(t, database.ServerHCL()+readers("countedcreate", "countedcreate", 1, test.more))
			require.Equal(t, devstack.Activity{Connections: 2, Statements: test.want},
				rounds(t, database, workspace, "apply", "-auto-approve"))
			workspace.Must("destroy", "-auto-approve", "-input=false", "-no-color")
		})
	}
}
