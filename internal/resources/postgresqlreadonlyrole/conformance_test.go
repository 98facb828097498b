// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole_test

import (
	"fmt"
	"testing"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/postgresqlreadonlyrole"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

func TestConformance(t *testing.T) {
	database := newDatabase(t, "listed")
	conform(t, database, database.Port)
}

// TestConformanceThroughPgBouncer has the provider come through a pooler in transaction mode.
func TestConformanceThroughPgBouncer(t *testing.T) {
	database := newDatabase(t, "pooled")
	conform(t, database, database.NewPgBouncer().Port)
}

// conform runs the list with a provider that reaches the database's server at a port.
func conform(t *testing.T, database *acctest.Database, port int) {
	t.Helper()
	acctest.ReadOnlyLogin{
		Type: postgresqlreadonlyrole.TypeName, Host: database.Host, Port: port, Admin: database.AdminPassword,
		Logs: []string{database.LogFile},
		ProviderHCL: func(port int) string {
			through := *database.PostgreSQL
			through.Port = port
			return (&acctest.Database{PostgreSQL: &through, Name: database.Name}).ServerHCL()
		},
		Arguments: fmt.Sprintf(`grants = { "%s.public" = {} }
  future_tables_owned_by = ["%[1]s_owner"]`, database.Name),
		ImportID: func(name string) string { return "main/" + name },
		Read: func(login acctest.Login) error {
			return database.TryAs(login.Username, login.Password, "SELECT * FROM public.users")
		},
		Write: func(login acctest.Login) error {
			return database.TryAs(login.Username, login.Password, "SET default_transaction_read_only = off",
				"DELETE FROM public.users")
		},
		Exceed: func(name string) { database.Exec(`GRANT DELETE ON public.users TO "` + name + `"`) },
		Drop:   func(name string) { database.Exec(`DROP OWNED BY "`+name+`"`, `DROP ROLE "`+name+`"`) },
		Present: func(prefix string) []string {
			return database.Texts("SELECT rolname::text FROM pg_roles WHERE pg_catalog.starts_with(rolname::text, $1)", prefix)
		},
	}.Conform(t)
}
