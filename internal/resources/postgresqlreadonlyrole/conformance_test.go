// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole_test

import (
	"testing"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/postgresqlreadonlyrole"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

func TestConformance(t *testing.T) {
	database := newDatabase(t, "listed")
	acctest.ReadOnlyLogin{
		Type: postgresqlreadonlyrole.TypeName, Host: database.Host, Port: database.Port, Admin: database.AdminPassword,
		Logs: []string{database.LogFile},
		ProviderHCL: func(port int) string {
			through := *database.PostgreSQL
			through.Port = port
			return (&acctest.Database{PostgreSQL: &through, Name: database.Name}).ServerHCL()
		},
		Arguments: `grants = { "listed.public" = {} }
  future_tables_owned_by = ["listed_owner"]`,
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
