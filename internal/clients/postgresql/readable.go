// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"slices"

	"github.com/jackc/pgx/v5"
)

// readableQuery reads what of some schemas each of some roles can read, as privilegesQuery gives it: the database, schemas, tables, sequences,
// the columns given, and default privileges for reading. It asks the server what the role may do instead of taking access
// lists apart, which takes longer with each role that they name; so it does not show what goes beyond reading, or who gave it.
const readableQuery = `
WITH who AS (SELECT r.oid, r.rolname::text AS name FROM pg_catalog.pg_roles r WHERE r.rolname = ANY ($1::text[])),
entry AS (
  SELECT w.name AS role, 'DATABASE' AS kind, '' AS schema, d.datname::text AS name, '' AS detail, d.datdba AS owner, 'CONNECT' AS privilege
  FROM who w, pg_catalog.pg_database d
  WHERE d.datname = pg_catalog.current_database() AND pg_catalog.has_database_privilege(w.oid, d.oid, 'CONNECT')
  UNION ALL
  SELECT w.name, 'SCHEMA', n.nspname::text, '', '', n.nspowner, 'USAGE'
  FROM who w, pg_catalog.pg_namespace n
  WHERE n.nspname = ANY ($2::text[]) AND pg_catalog.has_schema_privilege(w.oid, n.oid, 'USAGE')
  UNION ALL
  SELECT w.name, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname::text, c.relname::text, '', c.relowner, 'SELECT'
  FROM who w, pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = ANY ($2::text[]) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    AND pg_catalog.has_table_privilege(w.oid, c.oid, 'SELECT')
  UNION ALL
  SELECT w.name, 'COLUMN', n.nspname::text, c.relname::text, t.attname::text, c.relowner, 'SELECT'
  FROM who w, ROWS FROM (pg_catalog.unnest($3::text[]), pg_catalog.unnest($4::text[]), pg_catalog.unnest($5::text[]))
         AS k (schema, relation, attribute)
       JOIN pg_catalog.pg_namespace n ON n.nspname = k.schema
       JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = k.relation
       JOIN pg_catalog.pg_attribute t ON t.attrelid = c.oid AND t.attname = k.attribute
  WHERE pg_catalog.has_column_privilege(w.oid, c.oid, t.attnum, 'SELECT')
  UNION ALL
  SELECT w.name, 'DEFAULT', n.nspname::text, CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' ELSE 'SEQUENCES' END,
         pg_catalog.pg_get_userbyid(d.defaclrole)::text, d.defaclrole, 'SELECT'
  FROM who w, pg_catalog.pg_default_acl d JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
  WHERE n.nspname = ANY ($2::text[]) AND d.defaclobjtype IN ('r', 'S')
    AND d.defaclacl @> pg_catalog.makeaclitem(w.oid, d.defaclrole, 'SELECT', false)
)
SELECT role, kind, schema, name, detail, pg_catalog.pg_get_userbyid(owner)::text, privilege FROM entry`

// readable is what of some schemas, and which columns, is looked at for some roles.
type readable struct {
	schemas                    []string
	columnsOf, tables, columns []string
	roles                      []string
	entries                    map[string][]entry
}

// newReadable gives what is to be looked at for one role.
func newReadable(want wanted) *readable {
	r := &readable{schemas: want.schemas(), roles: []string{want.role}}
	for _, grant := range want.grants {
		for _, table := range sortedKeys(grant.Columns) {
			for _, column := range grant.Columns[table] {
				r.columnsOf, r.tables, r.columns = append(r.columnsOf, grant.Schema), append(r.tables, table), append(r.columns, column)
			}
		}
	}
	return r
}

// isLike reports whether the same is looked at.
func (r *readable) isLike(other *readable) bool {
	return slices.Equal(r.schemas, other.schemas) && slices.Equal(r.columnsOf, other.columnsOf) &&
		slices.Equal(r.tables, other.tables) && slices.Equal(r.columns, other.columns)
}

func (r *readable) reading() reading {
	r.entries = map[string][]entry{}
	return reading{readableQuery, []any{r.roles, r.schemas, r.columnsOf, r.tables, r.columns}, func(rows pgx.Rows) error {
		var role string
		var e entry
		_, err := pgx.ForEachRow(rows, []any{&role, &e.Kind, &e.Schema, &e.Name, &e.Detail, &e.Owner, &e.Privilege}, func() error {
			e.Grantor = e.Owner
			r.entries[role] = append(r.entries[role], e)
			return nil
		})
		return err
	}}
}

// adoptReadable takes over what a role that was just made has of what is wanted: it can have nothing else yet.
func (c *contents) adoptReadable(entries []entry, want wanted) {
	c.forgetEntries()
	for _, e := range entries {
		switch e.Kind {
		case "TABLE", "SEQUENCE", "COLUMN":
			if !want.reads(e) { // It is readable through PUBLIC.
				continue
			}
		}
		c.entries = append(c.entries, e)
		c.held[want.role] = append(c.held[want.role], len(c.entries)-1)
	}
}
