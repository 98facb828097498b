// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysqlreadonlyuser_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

const handMade = "made by hand, 2019"

// readableTables lists the tables that a user can really read, by logging in as it.
func readableTables(m *acctest.MariaDB, name, roleOf string) []string {
	var found []string
	for _, table := range []string{"users", "orders"} {
		statements := []string{"SELECT * FROM " + name + "." + table}
		if roleOf != "" {
			statements = append([]string{"SET ROLE " + roleOf}, statements...)
		}
		if m.TryAs(name+"_gw", secret.New(handMade), statements...) == nil {
			found = append(found, table)
		}
	}
	return found
}

// TestAccUserMadeByHandIsAdopted imports what people make by hand: what can be read stays as it is, and each other change is in the plan.
func TestAccUserMadeByHandIsAdopted(t *testing.T) {
	whole := map[string]any{"tables": nil}
	for name, test := range map[string]struct {
		statements []string
		grants     map[string]any
		// goes are entries of excess_privileges that the apply takes away.
		goes []string
		// role is one that has to be set before anything can be read.
		role string
	}{
		"adoptwhole": {
			[]string{"GRANT SELECT ON adoptwhole.* TO adoptwhole_gw"},
			map[string]any{"adoptwhole": whole}, nil, "",
		},
		"adopt_like": { // The underscore is a wildcard.
			[]string{"GRANT SELECT ON adopt_like.* TO adopt_like_gw"},
			map[string]any{"adopt_like": whole}, []string{"SELECT on all databases like adopt_like"}, "",
		},
		"adopt_many": {
			[]string{"GRANT SELECT, INSERT ON `adopt\\_man%`.* TO adopt_many_gw"},
			map[string]any{"adopt_many": whole},
			[]string{`INSERT, SELECT on all databases like adopt\_man%`}, "",
		},
		"adopt_tables": {
			[]string{"GRANT SELECT, UPDATE ON adopt_tables.users TO adopt_tables_gw", "GRANT SELECT (id) ON adopt_tables.orders TO adopt_tables_gw"},
			map[string]any{"adopt_tables": map[string]any{"tables": []any{"users"}}},
			[]string{"SELECT (id) on adopt_tables.orders", "UPDATE on adopt_tables.users"}, "",
		},
		"adopt_role": {
			[]string{
				"CREATE ROLE adopt_role_inner", "CREATE ROLE adopt_role_reader", "GRANT adopt_role_inner TO adopt_role_reader",
				"GRANT SELECT ON adopt_role.users TO adopt_role_inner", "GRANT SELECT ON adopt_role.orders TO adopt_role_reader",
				"GRANT adopt_role_reader TO adopt_role_gw", "SET DEFAULT ROLE adopt_role_reader FOR adopt_role_gw",
			},
			map[string]any{"adopt_role": map[string]any{"tables": []any{"orders", "users"}}},
			[]string{"membership in role adopt_role_reader"}, "",
		},
		"adopt_unset": { // A role that is not on by default.
			[]string{
				"CREATE ROLE adopt_unset_reader", "GRANT SELECT ON adopt_unset.* TO adopt_unset_reader", "GRANT adopt_unset_reader TO adopt_unset_gw",
			},
			map[string]any{"adopt_unset": whole},
			[]string{"SELECT on all databases like adopt_unset via role adopt_unset_reader", "membership in role adopt_unset_reader"},
			"adopt_unset_reader",
		},
		"adopt_writer": {
			[]string{
				"CREATE ROLE adopt_writer_role", "GRANT SELECT, INSERT, DELETE ON adopt_writer.* TO adopt_writer_role",
				"GRANT adopt_writer_role TO adopt_writer_gw", "SET DEFAULT ROLE adopt_writer_role FOR adopt_writer_gw",
			},
			map[string]any{"adopt_writer": whole}, []string{
				"DELETE, INSERT, SELECT on all databases like adopt_writer via role adopt_writer_role", "membership in role adopt_writer_role",
			}, "",
		},
		"adopt_gone": {
			[]string{"GRANT SELECT ON adopt_gone.users TO adopt_gone_gw", "GRANT SELECT ON `adopt\\_lost`.* TO adopt_gone_gw"},
			map[string]any{"adopt_gone": map[string]any{"tables": []any{"users"}}}, []string{"SELECT on adopt_lost.*"}, "",
		},
		"adopt_all": {
			[]string{"GRANT SELECT, PROCESS ON *.* TO adopt_all_gw"},
			map[string]any{"adopt_all": whole}, []string{"PROCESS, SELECT on *.*"}, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newDatabase(t, name)
			m.Exec(append([]string{fmt.Sprintf("CREATE USER %s_gw IDENTIFIED BY '%s'", name, handMade)}, test.statements...)...)
			t.Cleanup(func() { m.Exec("DROP USER IF EXISTS " + name + "_gw") })
			could := readableTables(m, name, test.role)
			if name == "adopt_tables" {
				could = []string{"users"} // Columns are not granted by themselves: the plan says that they go.
			}
			w := acctest.NewWorkspace(t, m.ServerHCL()+fmt.Sprintf("import {\n  to = %s\n  id = \"main/%s_gw@%%\"\n}\n", address, name))
			before, after := w.PlanImported()
			require.Equal(t, before["grants"], after["grants"])
			got, _ := before["grants"].(map[string]any)
			maps.DeleteFunc(got, func(key string, _ any) bool { // *.* reads other tests' databases, too.
				return name == "adopt_all" && key != name
			})
			require.Equal(t, test.grants, got)
			require.Equal(t, before["require_tls"], after["require_tls"])
			require.Equal(t, before["password_version"], after["password_version"])
			ownOf := func(excess any) []string {
				found := []string{}
				for _, text := range excess.([]any) {
					if !strings.Contains(text.(string), " via ") || strings.Contains(text.(string), " via role ") {
						found = append(found, text.(string))
					}
				}
				slices.Sort(found)
				return found
			}
			require.ElementsMatch(t, test.goes, ownOf(before["excess_privileges"]))
			require.Empty(t, ownOf(after["excess_privileges"]))
			if name == "adopt_all" {
				return // Its grants are on databases of other tests, too, which come and go.
			}
			w.Must("apply", "-input=false", "-no-color", "plan")
			require.Equal(t, could, readableTables(m, name, ""), "the password stays, and what it can read")
			require.Contains(t, w.Must("plan", "-input=false", "-no-color"), "No changes.")
		})
	}
}

// TestAccUserReadsOnWhileItIsAdopted imports with the command, and refreshes before the apply: what a wildcard gives still counts.
func TestAccUserReadsOnWhileItIsAdopted(t *testing.T) {
	m := newDatabase(t, "adopt_slow")
	m.Exec("CREATE USER adopt_slow_gw IDENTIFIED BY '"+handMade+"'", "GRANT SELECT ON adopt_slow.* TO adopt_slow_gw")
	t.Cleanup(func() { m.Exec("DROP USER IF EXISTS adopt_slow_gw") })
	w := acctest.NewWorkspace(t, m.ServerHCL()+user("name = \"adopt_slow_gw\"\ngrants = { adopt_slow = {} }\nrequire_tls = false"))
	w.Must("import", "-input=false", "-no-color", address, "main/adopt_slow_gw@%")
	plan := w.Must("plan", "-input=false", "-no-color")
	require.NotContains(t, plan, "grants")
	require.Contains(t, plan, `- "SELECT on all databases like adopt_slow"`)
	w.Must("apply", "-input=false", "-no-color", "-auto-approve")
	statements := m.Logs()
	given := strings.LastIndex(statements, "GRANT SELECT ON `adopt\\_slow`.* TO 'adopt_slow_gw'@'%'")
	taken := strings.LastIndex(statements, "REVOKE SELECT ON `adopt_slow`.* FROM 'adopt_slow_gw'@'%'")
	require.Positive(t, given)
	require.Greater(t, taken, given, "whoever is logged in reads on")
	require.Equal(t, []string{"users", "orders"}, readableTables(m, "adopt_slow", ""))
}
