// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// settingsOf lists what is set for roles whose names begin with a prefix.
const settingsOf = `SELECT r.rolname || coalesce(' in ' || d.datname, '') || ': ' || array_to_string(s.setconfig, ', ')
	FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database d ON d.oid = s.setdatabase
	WHERE r.rolname LIKE $1 ORDER BY 1`

// Settings that somebody put on the logins show by name, never with their values, and go; in each database.
func TestAccRoleSettingsOfSomebodyElseGo(t *testing.T) {
	database := newDatabase(t, "settings")
	w := acctest.NewWorkspace(t, database.ServerHCL()+role(`
  name              = "settings_reader"
  grants            = { "settings.public" = {} }
  rotation          = { every = "90d", overlap = "7d" }
  statement_timeout = "30s"
`))
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	wanted := []string{"settings_reader_a: default_transaction_read_only=on, statement_timeout=30000ms"}
	require.Equal(t, wanted, database.Texts(settingsOf, "settings_reader%"))

	database.Exec(
		"ALTER ROLE settings_reader_a IN DATABASE settings SET default_transaction_read_only TO off",
		"ALTER ROLE settings_reader_a IN DATABASE settings SET search_path TO reporting",
		`ALTER ROLE settings_reader_a SET "DateStyle" TO 'German'`,
	)
	shown := []string{
		"setting default_transaction_read_only in database settings for login settings_reader_a",
		"setting search_path in database settings for login settings_reader_a", "setting DateStyle for login settings_reader_a",
	}
	if !acctest.IsManagedAdmin() { // Only a superuser can reset what no extension knows.
		database.Exec("ALTER ROLE settings_reader_a IN DATABASE postgres SET myapp.token TO 'nobody-may-see-it'",
			"ALTER ROLE settings_reader_a SET myapp.token TO 'nobody-may-see-it'")
		shown = append(shown, "setting myapp.token in database postgres for login settings_reader_a", "setting myapp.token for login settings_reader_a")
	}
	planned := w.Must("plan", "-input=false", "-no-color")
	for _, setting := range shown {
		require.Contains(t, planned, `- "`+setting+`"`)
	}
	require.NotContains(t, planned, "nobody-may-see-it")
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	require.NotContains(t, w.Must("show", "-json"), "nobody-may-see-it")
	w.Must("plan", "-input=false", "-no-color", "-detailed-exitcode")
	require.Equal(t, wanted, database.Texts(settingsOf, "settings_reader%"))

	// What only a superuser may set, another admin leaves alone.
	database.Exec("ALTER ROLE settings_reader_a SET log_statement TO 'all'")
	if acctest.IsManagedAdmin() {
		w.Must("plan", "-input=false", "-no-color", "-detailed-exitcode")
		return
	}
	require.Contains(t, w.Must("plan", "-input=false", "-no-color"), "setting log_statement for login settings_reader_a")
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	require.Equal(t, wanted, database.Texts(settingsOf, "settings_reader%"))
}
