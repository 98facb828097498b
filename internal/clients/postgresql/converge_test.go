// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConverge(t *testing.T) {
	whole := wanted{role: "r", database: "d", owners: []string{"o"}, grants: []Grant{{Database: "d", Schema: "s"}}}
	listed := wanted{role: "r", database: "d", grants: []Grant{{Database: "d", Schema: "s", Tables: []string{"a"}}}}
	schema := func(usage, a, b bool) map[string]Schema {
		return map[string]Schema{"s": {Exists: true, Usage: usage, Relations: map[string]Relation{
			"a": {Owner: "o", Select: a, mayGrant: true}, "b": {Owner: "x", Select: b, mayGrant: true},
		}}}
	}
	future := []defaultPrivilege{{owner: "o", schema: "s", kind: "TABLES", privileges: []string{"SELECT"}}}
	selected := func(tables ...string) []held {
		var all []held
		for _, table := range tables {
			all = append(all, held{entry{Kind: "TABLE", Schema: "s", Name: table, Privilege: "SELECT"}, relationName{"s", table}})
		}
		return all
	}
	for name, test := range map[string]struct {
		want wanted
		have Privileges
		sql  []statement
	}{
		"from nothing to a whole schema": {whole, Privileges{Schemas: schema(false, false, false)}, []statement{
			`GRANT CONNECT ON DATABASE "d" TO "r"`, `GRANT USAGE ON SCHEMA "s" TO "r"`, `GRANT SELECT ON ALL TABLES IN SCHEMA "s" TO "r"`,
			`ALTER DEFAULT PRIVILEGES FOR ROLE "o" IN SCHEMA "s" GRANT SELECT ON TABLES TO "r"`,
		}},
		"nothing to do": {whole, Privileges{Connect: true, Schemas: schema(true, true, true), defaults: future,
			selects: selected("a", "b")}, nil},
		"a new table": {whole, Privileges{Connect: true, Schemas: schema(true, true, false), defaults: future,
			selects: selected("a")}, []statement{`GRANT SELECT ON ALL TABLES IN SCHEMA "s" TO "r"`}},
		"from the whole schema to one table": {listed, Privileges{Connect: true, Schemas: schema(true, true, true), defaults: future,
			selects: selected("a", "b")}, []statement{
			`ALTER DEFAULT PRIVILEGES FOR ROLE "o" IN SCHEMA "s" REVOKE ALL ON TABLES FROM "r"`,
			`REVOKE SELECT ON TABLE "s"."b" FROM "r" CASCADE`,
		}},
		"default privileges that go too far": {whole, Privileges{Connect: true, Schemas: schema(true, true, true),
			selects:  selected("a", "b"),
			defaults: []defaultPrivilege{{owner: "o", schema: "s", kind: "TABLES", privileges: []string{"INSERT", "SELECT"}}}}, []statement{
			`ALTER DEFAULT PRIVILEGES FOR ROLE "o" IN SCHEMA "s" REVOKE ALL ON TABLES FROM "r"`,
			`ALTER DEFAULT PRIVILEGES FOR ROLE "o" IN SCHEMA "s" GRANT SELECT ON TABLES TO "r"`,
		}},
		"out of the database": {wanted{role: "r", database: "d"}, Privileges{Connect: true, Schemas: schema(true, true, false),
			selects: selected("a")}, []statement{
			`REVOKE SELECT ON TABLE "s"."a" FROM "r" CASCADE`, `REVOKE USAGE ON SCHEMA "s" FROM "r" CASCADE`,
			`REVOKE CONNECT ON DATABASE "d" FROM "r" CASCADE`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var sql []statement
			for _, c := range converge(test.want, test.have) {
				sql = append(sql, c.sql)
			}
			require.Equal(t, test.sql, sql)
		})
	}
}

func TestUngrantedNamesWhatTheServerLeftOut(t *testing.T) {
	want := wanted{role: "r", database: "d", owners: []string{"o"}, grants: []Grant{{Database: "d", Schema: "s"}}}
	have := Privileges{Schemas: map[string]Schema{"s": {Exists: true, Relations: map[string]Relation{"a": {Owner: "x"}}}}}
	require.Equal(t, []string{
		"CONNECT on database d", "USAGE on schema s", "SELECT on s.a (owner x)", "SELECT on future tables of o in schema s",
	}, ungranted(want, have))
	require.Empty(t, missing(want, have))
	require.Equal(t, []string{"schema s"}, missing(want, Privileges{}))
}
