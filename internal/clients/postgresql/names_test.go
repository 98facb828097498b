// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql_test

import (
	"flag"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

const (
	// nameRounds is how many databases a run makes, where -rapid.checks does not say otherwise.
	nameRounds = "12"
	maxName    = 63
)

// anyName gives names that PostgreSQL takes: 1 to 63 bytes of UTF-8 without a zero byte, most of them hostile.
func anyName() *rapid.Generator[string] {
	hostile := rapid.SampledFrom([]string{
		`"`, `""`, "'", `\`, "/", "//", "@", "%", "%s", "%00", "$1", "$$", ".", "..", ":", ";", "--", "/*", "*/", " ", "\t", "\n", "\r",
		"=", ",", "(", ")", "{", "}", "#", "?", "&", "+", "é", "ß", "İ", "🐘", "👩‍💻", "\u202e", "\u0301", "A", "a", "0", "_", "NULL", "public",
		"PUBLIC", "; DROP ROLE postgres; --", `" TO PUBLIC; --`, "\x01", "\x7f", "\ufeff",
	})
	plain := rapid.StringN(1, 4, 16).Filter(func(s string) bool { return !strings.ContainsRune(s, 0) && utf8.ValidString(s) })
	return rapid.Custom(func(t *rapid.T) string {
		var name strings.Builder
		for _, part := range rapid.SliceOfN(rapid.OneOf(hostile, plain), 1, 30).Draw(t, "parts") {
			if name.Len()+len(part) <= maxName {
				name.WriteString(part)
			}
		}
		if name.Len() == 0 {
			name.WriteString("x")
		}
		if rapid.Bool().Draw(t, "whole length") {
			name.WriteString(strings.Repeat("x", maxName-name.Len()))
		}
		return name.String()
	})
}

// anyRoleName leaves out those that PostgreSQL keeps for itself, and leaves room for the suffix of a login.
func anyRoleName() *rapid.Generator[string] {
	return rapid.Map(anyName(), func(name string) string {
		name = strings.ToValidUTF8(name[:min(len(name), maxName-len("R_a"))], "")
		return "R" + name
	})
}

// Names of any content live through a role's whole life, and nothing else on the server changes.
func TestEveryNameLivesThroughARolesLife(t *testing.T) {
	server, control := newServer(t, "names")
	boundRounds(t)
	rapid.Check(t, func(r *rapid.T) {
		name, renamed := anyRoleName().Draw(r, "role"), anyRoleName().Draw(r, "renamed role")
		database, owner := anyName().Draw(r, "database"), anyRoleName().Draw(r, "owner")
		schema, table, column := anyName().Draw(r, "schema"), anyName().Draw(r, "table"), anyName().Draw(r, "column")
		t.Logf("roles %q, %q and %q, database %q, %q.%q (%q)", name, renamed, owner, database, schema, table, column)
		different := map[string]bool{name: true, renamed: true, owner: true}
		if len(different) < 3 || database == "postgres" || table == "the other one" || strings.HasPrefix(schema, "pg_") {
			r.Skip("the names collide")
		}
		quote := func(parts ...string) string { return pgx.Identifier(parts).Sanitize() }
		admin(t, "postgres", "CREATE DATABASE "+quote(database), "CREATE ROLE "+quote(owner))
		// WITH (FORCE) is not there before version 13.
		defer admin(t, "postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname <> current_database()",
			"DROP DATABASE "+quote(database), "DROP ROLE "+quote(owner))
		admin(t, database, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
		if schema != "public" {
			admin(t, database, "CREATE SCHEMA "+quote(schema))
		}
		admin(t, database,
			"CREATE TABLE "+quote(schema, table)+" ("+quote(column)+" int)",
			"CREATE TABLE "+quote(schema)+`."the other one" (`+quote(column)+" int, hidden int)",
			"CREATE SEQUENCE "+quote(schema)+`."a sequence"`, "GRANT CREATE, USAGE ON SCHEMA "+quote(schema)+" TO "+quote(owner))

		narrow := postgresql.Role{
			Name: name, Attributes: postgresql.Attributes{ConnectionLimit: postgresql.NoConnectionLimit},
			Grants: []postgresql.Grant{{
				Database: database, Schema: schema, Tables: []string{table}, Columns: map[string][]string{"the other one": {column}},
			}},
		}
		create(t, server, narrow, secret.New("x"))
		reads(t, narrow)
		as(t, cluster.URL(database, name, secret.New("x")), func(c *pgx.Conn) {
			_, err := c.Exec(t.Context(), "SELECT "+quote(column)+" FROM "+quote(schema, table))
			require.NoError(t, err)
			_, err = c.Exec(t.Context(), "SELECT hidden FROM "+quote(schema)+`."the other one"`)
			require.ErrorContains(t, err, "permission denied")
		})

		whole := narrow
		whole.Name, whole.Login = renamed, postgresql.Logins(renamed)[0]
		whole.Grants = []postgresql.Grant{{Database: database, Schema: schema, Sequences: true}}
		whole.FutureTablesOwnedBy = []string{owner}
		update(t, server, name, whole, secret.New("y"))
		reads(t, whole)

		require.NoError(t, server.DropRole(t.Context(), renamed, true))
		_, err := look(t, whole)
		require.ErrorIs(t, err, postgresql.ErrRoleNotFound)
		admin(t, control, "SELECT * FROM public.users")
	})
}

// boundRounds keeps a run short: each round makes a database.
func boundRounds(t *testing.T) {
	t.Helper()
	checks := flag.Lookup("rapid.checks")
	if checks.Value.String() != checks.DefValue {
		return
	}
	require.NoError(t, checks.Value.Set(nameRounds))
	t.Cleanup(func() { _ = checks.Value.Set(checks.DefValue) })
}

// reads checks that a role has on the server what it was given, and nothing else.
func reads(t *testing.T, role postgresql.Role) {
	t.Helper()
	observed, err := look(t, role)
	require.NoError(t, err)
	grants, owners := observed.Effective(role)
	require.Equal(t, role.Grants, grants)
	require.Equal(t, role.FutureTablesOwnedBy, owners)
	require.Empty(t, observed.ExcessPrivileges(role.Name, role.Login))
}
