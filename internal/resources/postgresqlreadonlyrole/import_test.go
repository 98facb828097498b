// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/postgresqlreadonlyrole"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

const handMade = "made by hand, 2019"

// adopted is a role that somebody made by hand and that Terraform imports with a configuration that it generates itself.
type adopted struct {
	t        *testing.T
	database *acctest.Database
	name     string
	w        *acctest.Workspace
}

// readable lists the tables that the role can really read, by logging in as it.
func (a adopted) readable() []string {
	a.t.Helper()
	var found []string
	for _, table := range []string{"public.users", "public.orders", "public.payments", "reporting.monthly", "reporting.latest"} {
		if a.database.TryAs(a.name, secret.New(handMade), "SELECT * FROM "+table) == nil {
			found = append(found, table)
		}
	}
	return found
}

// adopt makes the role with statements and imports it.
func adopt(t *testing.T, name string, statements ...string) adopted {
	t.Helper()
	database := newDatabase(t, name)
	a := adopted{t: t, database: database, name: name + "_gw"}
	database.Exec(append([]string{fmt.Sprintf("CREATE USER %s WITH PASSWORD '%s'", a.name, handMade)}, statements...)...)
	a.w = acctest.NewWorkspace(t, database.ServerHCL()+fmt.Sprintf(
		"import {\n  to = %s\n  id = \"main/%s\"\n}\n", address, a.name))
	return a
}

// majorVersion gives the server's.
func majorVersion(t *testing.T, database *acctest.Database) int {
	t.Helper()
	version, err := strconv.Atoi(database.Texts("SELECT current_setting('server_version_num')::int / 10000 || ''")[0])
	require.NoError(t, err)
	return version
}

// TestAccRoleMadeByHandIsAdopted imports what people make by hand: what can be read stays as it is, and each other change is in the plan.
func TestAccRoleMadeByHandIsAdopted(t *testing.T) {
	whole := map[string]any{"tables": nil, "columns": nil, "sequences": nil, "except": nil}
	some := func(tables ...any) map[string]any {
		return map[string]any{"tables": tables, "columns": nil, "sequences": nil, "except": nil}
	}
	for name, test := range map[string]struct {
		statements []string
		grants     map[string]any
		future     any
		// goes are entries of excess_privileges that the apply takes away.
		goes []string
	}{
		"adopt_guide": {
			[]string{
				"GRANT SELECT ON users, orders, payments TO adopt_guide_gw",
				"ALTER DEFAULT PRIVILEGES FOR ROLE adopt_guide_owner IN SCHEMA public GRANT SELECT ON TABLES TO adopt_guide_gw",
			},
			map[string]any{"adopt_guide.public": whole}, []any{"adopt_guide_owner"}, nil,
		},
		"adopt_some": {
			[]string{
				"GRANT SELECT ON users, orders TO adopt_some_gw",
				"ALTER DEFAULT PRIVILEGES FOR ROLE adopt_some_owner IN SCHEMA public GRANT SELECT ON TABLES TO adopt_some_gw",
			},
			map[string]any{"adopt_some.public": some("orders", "users")}, nil,
			[]string{"SELECT on future tables of adopt_some_owner in schema public"},
		},
		"adopt_halves": {
			[]string{
				"GRANT SELECT ON ALL TABLES IN SCHEMA public TO adopt_halves_gw",
				"GRANT USAGE ON SCHEMA reporting TO adopt_halves_gw", "GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO adopt_halves_gw",
				"ALTER DEFAULT PRIVILEGES FOR ROLE adopt_halves_owner IN SCHEMA public GRANT SELECT ON TABLES TO adopt_halves_gw",
			},
			map[string]any{"adopt_halves.public": whole, "adopt_halves.reporting": whole}, nil,
			[]string{"SELECT on future tables of adopt_halves_owner in schema public"},
		},
		"adopt_group": {
			[]string{
				"CREATE ROLE adopt_group_readers", "GRANT SELECT ON users TO adopt_group_readers",
				"GRANT USAGE ON SCHEMA reporting TO adopt_group_readers", "GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO adopt_group_readers",
				"GRANT adopt_group_readers TO adopt_group_gw", "GRANT SELECT, INSERT ON orders TO adopt_group_gw",
			},
			map[string]any{"adopt_group.public": some("orders", "users"), "adopt_group.reporting": whole}, nil,
			[]string{"INSERT on public.orders", "membership in adopt_group_readers"},
		},
		"adopt_all": {
			[]string{"GRANT pg_read_all_data TO adopt_all_gw"},
			map[string]any{"adopt_all.public": whole, "adopt_all.reporting": whole}, nil, []string{"membership in pg_read_all_data"},
		},
		"adopt_public": {
			[]string{"GRANT SELECT ON users TO PUBLIC", "GRANT SELECT ON orders, payments TO adopt_public_gw"},
			map[string]any{"adopt_public.public": whole}, nil, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "adopt_all" && acctest.IsManagedAdmin() {
				t.Log("a managed admin can't enter each schema to grant what pg_read_all_data gives: the import is looked at only")
			}
			if name == "adopt_all" && majorVersion(t, newDatabase(t, "adopt_version")) < 14 {
				t.Log("pg_read_all_data is from PostgreSQL 14 on")
				return
			}
			a := adopt(t, name, test.statements...)
			could := a.readable()
			before, after := a.w.PlanImported()
			require.Equal(t, before["grants"], after["grants"])
			got, _ := before["grants"].(map[string]any)
			maps.DeleteFunc(got, func(key string, _ any) bool { // pg_read_all_data reads other tests' databases, too.
				return name == "adopt_all" && !strings.HasPrefix(key, name+".")
			})
			require.Equal(t, test.grants, got)
			require.Equal(t, test.future, before["future_tables_owned_by"])
			require.Equal(t, before["future_tables_owned_by"], after["future_tables_owned_by"])
			require.Equal(t, before["password_version"], after["password_version"])
			going := append([]string{"read-write transactions by default"}, test.goes...)
			slices.Sort(going)
			var was []string
			for _, text := range before["excess_privileges"].([]any) {
				text, _, _ := strings.Cut(text.(string), " in database ") // As said above: other tests' databases.
				was = append(was, text)
			}
			was = slices.Compact(was)
			require.Equal(t, going, was)
			require.Empty(t, after["excess_privileges"])
			if name == "adopt_all" {
				return // Its grants are in databases of other tests, too.
			}
			a.w.Must("apply", "-input=false", "-no-color", "plan")
			require.Equal(t, could, a.readable(), "the password stays, and what it can read")
			require.Contains(t, a.w.Must("plan", "-input=false", "-no-color"), "No changes.")
			generated, err := os.ReadFile(filepath.Join(a.w.Dir, "generated.tf"))
			require.NoError(t, err)
			require.Contains(t, string(generated), postgresqlreadonlyrole.TypeName)
		})
	}
}
