// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// What somebody set for the admin does not reach what the provider's sessions read and write, nor does it through a pooler, whose
// sessions serve several of the provider's connections in turn.
func TestSettingsOfTheAdminDoNotMatter(t *testing.T) {
	pooled := adminConfig()
	pooled.Port = throughPgBouncer(t)
	for name, config := range map[string]postgresql.Config{"directly": adminConfig(), "through PgBouncer": pooled} {
		t.Run(name, func(t *testing.T) { settingsOfTheAdminDoNotMatter(t, name, config) })
	}
}

func settingsOfTheAdminDoNotMatter(t *testing.T, name string, config postgresql.Config) {
	_, database := newServer(t, "settings "+name)
	const password = "of-the-odd-admin"
	admin(t, database,
		// Names that a search_path would find first.
		"CREATE SCHEMA shadows", "CREATE TABLE shadows.pg_class (oid oid)", "CREATE TABLE shadows.pg_authid (rolname text)",
		"CREATE FUNCTION shadows.has_table_privilege(text, oid, text) RETURNS bool LANGUAGE sql AS 'SELECT true'")
	for setting, value := range map[string]string{
		"datestyle": "'German, DMY'", "intervalstyle": "'sql_standard'", "timezone": "'Asia/Kathmandu'",
		"search_path": "shadows, pg_catalog", "standard_conforming_strings": "off", "default_transaction_read_only": "on",
		"default_transaction_isolation": "'serializable'", "statement_timeout": "'10ms'", "client_encoding": "'LATIN1'",
		"extra_float_digits": "-15", "bytea_output": "'escape'", "quote_all_identifiers": "on", "array_nulls": "off",
		"transform_null_equals": "on", "row_security": "off", "escape_string_warning": "on", "lock_timeout": "'1ms'",
	} {
		t.Run(setting, func(t *testing.T) {
			// An admin for each: a pooler keeps sessions, with what was set when they began.
			config := config
			config.Username, config.Password = "odd "+setting+" "+name, secret.New(password)
			odd := pgx.Identifier{config.Username}.Sanitize()
			admin(t, "postgres", "CREATE ROLE "+odd+" SUPERUSER LOGIN PASSWORD '"+password+"'", "ALTER ROLE "+odd+" SET "+setting+" = "+value)
			server := postgresql.NewServer(config)
			t.Cleanup(server.Close)
			until := time.Date(2040, 3, 4, 5, 6, 7, 0, time.UTC)
			role := postgresql.Role{
				Name: "of odd \"" + setting + "é", FutureTablesOwnedBy: []string{"owner of settings " + name},
				Grants: []postgresql.Grant{
					{Database: database, Schema: "public", Tables: []string{"users"}, Columns: map[string][]string{"orders": {"id"}}},
					{Database: database, Schema: "reporting"},
				},
				Attributes: postgresql.Attributes{
					ConnectionLimit: 3, ValidUntil: &until, StatementTimeout: 90 * time.Second, IdleInTransactionSessionTimeout: time.Hour,
				},
				TerminateSessions: true,
			}
			_, err := server.CreateRole(t.Context(), role, secret.New("of-it"))
			require.NoError(t, err)
			own, err := server.ReadRole(t.Context(), role)
			require.NoError(t, err)
			grants, owners := own.Effective(role)
			require.Equal(t, role.Grants, grants)
			require.Equal(t, role.FutureTablesOwnedBy, owners)
			attributes := own.Members[role.Name].Attributes
			require.True(t, until.Equal(*attributes.ValidUntil))
			attributes.ValidUntil = &until
			require.Equal(t, role.Attributes, attributes)
			require.Empty(t, own.ExcessPrivileges(role.Name, ""))
			require.NoError(t, server.DropRole(t.Context(), role.Name, true))
			as(t, cluster.AdminURL("postgres"), func(c *pgx.Conn) {
				var left int
				require.NoError(t, c.QueryRow(t.Context(), "SELECT count(*) FROM pg_roles WHERE rolname = $1", role.Name).Scan(&left))
				require.Zero(t, left)
			})
		})
	}
}
