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

// TestCountedApplyAndDestroy holds what it costs to make and to drop roles that read three schemas and what comes to them: a part for each
// role, and one for each transaction that they share, as many as Terraform's parallelism allows.
func TestCountedApplyAndDestroy(t *testing.T) {
	database := newSchemas(t, "countedcreate")
	for name, test := range map[string]struct {
		more  string
		roles int
		// made and dropped are the statements of each role.
		made, dropped int
	}{
		"one login":                    {"", 1, 2, 2},
		"two logins in turn":           {`rotation = { every = "90d", overlap = "7d" }`, 1, 3, 6},
		"a hundred roles, ten at once": {"", 100, 2, 3},
	} {
		t.Run(name, func(t *testing.T) {
			workspace := acctest.NewWorkspace(t, database.ServerHCL()+readers("countedcreate", "countedcreate", test.roles, test.more))
			// Ten at once may come in two groups, when the machine is busy.
			groups := min(test.roles, 2*(test.roles+9)/10)
			// BEGIN, lock, look; four grants; what came of it, and once what everybody has; COMMIT.
			made := rounds(t, database, workspace, "apply", "-auto-approve")
			require.LessOrEqual(t, made.Connections, 2, "the plan looks whether the server takes changes")
			require.LessOrEqual(t, made.Statements, test.roles*test.made+groups*9)
			// The refresh; BEGIN, lock, role, memberships, three looks, one elsewhere, sessions, COMMIT; BEGIN, lock, two looks, REVOKE, COMMIT.
			dropped := rounds(t, database, workspace, "destroy", "-auto-approve")
			require.LessOrEqual(t, dropped.Connections, 5)
			require.LessOrEqual(t, dropped.Statements, 9+test.roles*test.dropped+groups*17)
			t.Logf("made with %d statements, dropped with %d", made.Statements, dropped.Statements)
		})
	}
}
