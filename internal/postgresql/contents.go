// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
)

// objectsQuery reads schemas (all where no names are given) with their tables, views and sequences, their owners, and
// what the admin itself may grant. A schema that does not exist gives one row; one that is empty likewise.
const objectsQuery = `
WITH named (name) AS (
  SELECT * FROM pg_catalog.unnest($1::text[])
  UNION ALL SELECT n.nspname::text FROM pg_catalog.pg_namespace n
  WHERE $1::text[] IS NULL AND NOT pg_catalog.starts_with(n.nspname::text, 'pg_toast')
    AND NOT pg_catalog.starts_with(n.nspname::text, 'pg_temp')
)
SELECT w.name, n.oid IS NOT NULL, COALESCE(pg_catalog.pg_get_userbyid(n.nspowner)::text, ''),
       COALESCE(pg_catalog.has_schema_privilege(n.oid, 'USAGE WITH GRANT OPTION'), false),
       COALESCE(pg_catalog.has_schema_privilege(n.oid, 'USAGE'), false),
       COALESCE(c.relname::text, ''), COALESCE(c.relkind = 'S', false),
       COALESCE(pg_catalog.pg_get_userbyid(c.relowner)::text, ''),
       COALESCE(pg_catalog.has_table_privilege(c.oid, 'SELECT WITH GRANT OPTION'), false)
FROM named w
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = w.name
LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')`

// privilegesQuery reads every entry of the database's access lists that names one of the roles given (or, without any, a
// role of the server's users), and those that name PUBLIC where they go beyond reading, or open the database or a schema.
// What an owner has as one is no entry. One row stands for the database itself. Where PUBLIC is not asked for, only those
// objects are looked at that pg_shdepend knows to name one of the roles (1259 is pg_class, 2615 pg_namespace, 1255 pg_proc,
// 826 pg_default_acl).
const privilegesQuery = `
WITH touched AS (
  SELECT s.classid, s.objid FROM pg_catalog.pg_shdepend s
  WHERE s.refclassid = 1260 AND s.deptype = 'a' AND NOT $2::bool
    AND s.refobjid IN (SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname = ANY ($1::text[]))
), entry AS (
  SELECT 'DATABASE' AS kind, '' AS schema, d.datname::text AS name, '' AS detail, 0::oid AS namespace,
         d.datdba AS owner, a.*
  FROM pg_catalog.pg_database d, pg_catalog.aclexplode(COALESCE(d.datacl, pg_catalog.acldefault('d', d.datdba))) a
  WHERE d.datname = pg_catalog.current_database()
  UNION ALL
  SELECT 'SCHEMA', n.nspname::text, '', '', 0, n.nspowner, a.*
  FROM pg_catalog.pg_namespace n, pg_catalog.aclexplode(n.nspacl) a
  WHERE $2::bool OR n.oid IN (SELECT objid FROM touched WHERE classid = 2615)
  UNION ALL
  SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname::text, c.relname::text, '', n.oid, c.relowner, a.*
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace,
       pg_catalog.aclexplode(c.relacl) a
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    AND ($2::bool OR c.oid IN (SELECT objid FROM touched WHERE classid = 1259))
  UNION ALL
  SELECT 'COLUMN', n.nspname::text, c.relname::text, t.attname::text, n.oid, c.relowner, a.*
  FROM pg_catalog.pg_attribute t JOIN pg_catalog.pg_class c ON c.oid = t.attrelid
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace, pg_catalog.aclexplode(t.attacl) a
  WHERE t.attacl IS NOT NULL AND NOT t.attisdropped
    AND ($2::bool OR c.oid IN (SELECT objid FROM touched WHERE classid = 1259))
  UNION ALL
  SELECT 'ROUTINE', n.nspname::text, f.proname::text,
         pg_catalog.pg_get_function_identity_arguments(f.oid), n.oid, f.proowner, a.*
  FROM pg_catalog.pg_proc f JOIN pg_catalog.pg_namespace n ON n.oid = f.pronamespace,
       pg_catalog.aclexplode(f.proacl) a
  WHERE $2::bool OR f.oid IN (SELECT objid FROM touched WHERE classid = 1255)
  UNION ALL
  SELECT 'DEFAULT', COALESCE(n.nspname::text, ''),
         CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'ROUTINES'
                              WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END,
         pg_catalog.pg_get_userbyid(d.defaclrole)::text, 0, d.defaclrole, a.*
  FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace,
       pg_catalog.aclexplode(d.defaclacl) a
  WHERE $2::bool OR d.oid IN (SELECT objid FROM touched WHERE classid = 826)
)
SELECT kind, schema, name, detail, pg_catalog.pg_get_userbyid(owner)::text, privilege_type, is_grantable,
       pg_catalog.pg_get_userbyid(grantor)::text,
       CASE WHEN namespace = 0 OR pg_catalog.has_schema_privilege(namespace, 'USAGE') THEN ''
            ELSE (SELECT pg_catalog.pg_get_userbyid(n.nspowner)::text FROM pg_catalog.pg_namespace n WHERE n.oid = namespace) END,
       pg_catalog.array_agg(CASE grantee WHEN 0 THEN '' ELSE pg_catalog.pg_get_userbyid(grantee)::text END)
FROM entry
WHERE grantee <> owner
  AND CASE WHEN grantee = 0 THEN schema NOT IN ('pg_catalog', 'information_schema')
        AND (kind IN ('TABLE', 'COLUMN', 'SEQUENCE') AND privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')
          OR kind = 'DATABASE' AND privilege_type IN ('CREATE', 'CONNECT')
          OR kind = 'SCHEMA' AND privilege_type IN ('CREATE', 'USAGE'))
      WHEN $1::text[] IS NULL THEN grantee >= 16384
      ELSE grantee = ANY (SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname = ANY ($1::text[])) END
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
UNION ALL
SELECT 'SELF', '', d.datname::text, '', pg_catalog.pg_get_userbyid(d.datdba)::text, '',
       pg_catalog.has_database_privilege(d.oid, 'CONNECT WITH GRANT OPTION'), '', '', '{}'
FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()
ORDER BY 1, 2, 3, 4, 6, 7, 8`

const (
	// public is the grantee that stands for everybody.
	public = ""
	// databaseOwner is the role that stands for whoever owns the database, from version 14 on.
	databaseOwner = "pg_database_owner"
)

// contents is what a database holds and who may do what with it.
type contents struct {
	database grantable
	schemas  map[string]schemaContents
	// publicConnect is set when everybody may connect to the database, and publicUsage for the schemas that all may enter.
	publicConnect bool
	publicUsage   map[string]bool
	entries       []entry
	// held holds, by grantee, the indexes of entries.
	held map[string][]int
}

// grantable is an owner, and whether the admin may grant reading on what it owns without acting for it.
type grantable struct {
	owner    string
	mayGrant bool
}

type schemaContents struct {
	grantable
	exists bool
	// mayEnter is set when the admin may name what is in it.
	mayEnter             bool
	relations, sequences map[string]grantable
}

// scope narrows what is read of a database; the zero value is everything.
type scope struct {
	grantees []string
	schemas  []string
	// withoutPublic leaves out what everybody has.
	withoutPublic bool
}

// readContents reads a database.
func readContents(ctx context.Context, q querier, s scope) (*contents, error) {
	c := &contents{}
	if err := read(ctx, q, c.readObjects(s), c.readEntries(s)); err != nil {
		return nil, err
	}
	c.resolveOwners()
	return c, nil
}

// resolveOwners names the owner where the server names the role that stands for it.
func (c *contents) resolveOwners() {
	for name, schema := range c.schemas {
		if schema.owner == databaseOwner {
			schema.owner = c.database.owner
			c.schemas[name] = schema
		}
	}
	for i := range c.entries {
		if c.entries[i].Door == databaseOwner {
			c.entries[i].Door = c.database.owner
		}
		if c.entries[i].Owner == databaseOwner {
			if c.entries[i].Grantor == databaseOwner {
				c.entries[i].Grantor = c.database.owner
			}
			c.entries[i].Owner = c.database.owner
		}
	}
}

func (c *contents) readObjects(s scope) reading {
	c.schemas = map[string]schemaContents{}
	return reading{objectsQuery, []any{s.schemas}, func(rows pgx.Rows) error {
		var name, relation string
		var isSequence bool
		var schema schemaContents
		var found grantable
		_, err := pgx.ForEachRow(rows, []any{
			&name, &schema.exists, &schema.owner, &schema.mayGrant, &schema.mayEnter,
			&relation, &isSequence, &found.owner, &found.mayGrant,
		}, func() error {
			known, ok := c.schemas[name]
			if !ok {
				known = schema
				known.relations, known.sequences = map[string]grantable{}, map[string]grantable{}
				c.schemas[name] = known
			}
			switch {
			case relation == "":
			case isSequence:
				known.sequences[relation] = found
			default:
				known.relations[relation] = found
			}
			return nil
		})
		return err
	}}
}

func (c *contents) readEntries(s scope) reading {
	c.held, c.publicUsage, c.publicConnect, c.entries = map[string][]int{}, map[string]bool{}, false, nil
	return reading{privilegesQuery, []any{s.grantees, !s.withoutPublic}, func(rows pgx.Rows) error {
		var e entry
		var holders []string
		_, err := pgx.ForEachRow(rows, []any{
			&e.Kind, &e.Schema, &e.Name, &e.Detail, &e.Owner, &e.Privilege, &e.Grantable, &e.Grantor, &e.Door, &holders,
		}, func() error {
			if e.Kind == "SELF" {
				c.database = grantable{owner: e.Owner, mayGrant: e.Grantable}
				return nil
			}
			c.entries = append(c.entries, e)
			for _, holder := range holders {
				c.hold(holder, e)
			}
			return nil
		})
		return err
	}}
}

// hold notes that the last entry names a holder. What opens a database or a schema to everybody goes beyond nothing.
func (c *contents) hold(holder string, e entry) {
	switch {
	case holder == public && e.Privilege == "CONNECT":
		c.publicConnect = true
	case holder == public && e.Privilege == "USAGE":
		c.publicUsage[e.Schema] = true
	default:
		c.held[holder] = append(c.held[holder], len(c.entries)-1)
	}
}

// adoptPublic takes over what everybody has from an earlier reading of the same database.
func (c *contents) adoptPublic(from *contents) {
	c.publicConnect, c.publicUsage = from.publicConnect, from.publicUsage
	for _, i := range from.held[public] {
		c.held[public] = append(c.held[public], len(c.entries))
		c.entries = append(c.entries, from.entries[i])
	}
}

// privileges gives what a role has in the database, and what of it goes beyond what is wanted.
func (c *contents) privileges(role *Observed, want wanted) Privileges {
	privileges := Privileges{
		database: c.database, Schemas: map[string]Schema{}, PublicConnect: c.publicConnect,
	}
	entries := c.entriesOf(role)
	schemas := want.schemas()
	for _, found := range entries {
		if found.Via == "" && found.Login == "" && found.Schema != "" {
			schemas = append(schemas, found.Schema)
		}
	}
	for _, name := range schemas {
		if _, ok := privileges.Schemas[name]; !ok {
			privileges.Schemas[name] = c.schema(name)
		}
	}
	for _, found := range entries {
		privileges.add(role.Name, found)
	}
	privileges.addSurplus(want)
	for _, m := range role.memberships {
		excess := Excess{Privilege: "membership in " + m.group, revoke: &change{sql: revokeMembership(m.group, m.member, m.grantor)}}
		if m.member != role.Name {
			excess.Login = m.member
		}
		privileges.Excess = append(privileges.Excess, excess)
	}
	privileges.Excess = append(privileges.Excess, c.owned(role)...)
	return privileges
}

// entriesOf gives the entries that concern a role: its own, its logins', and what it has through PUBLIC and its groups.
func (c *contents) entriesOf(role *Observed) []entry {
	var found []entry
	take := func(grantee, via, login string) {
		for _, i := range c.held[grantee] {
			e := c.entries[i]
			e.Via, e.Login = via, login
			if via == "" || e.writes() {
				found = append(found, e)
			}
		}
	}
	take(role.Name, "", "")
	take(public, "PUBLIC", "")
	for _, name := range role.via {
		take(name, name, "")
	}
	for _, name := range sortedKeys(role.Members) {
		if name != role.Name {
			take(name, "", name)
		}
	}
	return found
}

// schema gives a schema before anything in it is known to be granted.
func (c *contents) schema(name string) Schema {
	found := c.schemas[name]
	schema := Schema{
		Exists: found.exists, PublicUsage: c.publicUsage[name], grantable: found.grantable,
		Relations: make(map[string]Relation, len(found.relations)), Sequences: make(map[string]Relation, len(found.sequences)),
	}
	if found.exists && !found.mayEnter {
		schema.door = found.owner
	}
	for relation, o := range found.relations {
		schema.Relations[relation] = Relation{Owner: o.owner, mayGrant: o.mayGrant}
	}
	for sequence, o := range found.sequences {
		schema.Sequences[sequence] = Relation{Owner: o.owner, mayGrant: o.mayGrant}
	}
	return schema
}

// owned lists what the role and its logins own: an owner may do everything, and grants don't show it.
func (c *contents) owned(role *Observed) []Excess {
	var excess []Excess
	add := func(owner, object string) {
		if _, ok := role.Members[owner]; !ok {
			return
		}
		found := Excess{Privilege: "ownership", Object: object}
		if owner != role.Name {
			found.Login = owner
		}
		excess = append(excess, found)
	}
	for _, name := range sortedKeys(c.schemas) {
		schema := c.schemas[name]
		add(schema.owner, "schema "+name)
		for _, objects := range []map[string]grantable{schema.relations, schema.sequences} {
			for relation, o := range objects {
				add(o.owner, name+"."+relation)
			}
		}
	}
	return excess
}

// grantees names the role, its logins and its groups.
func (o *Observed) grantees() []string { return slices.Concat(sortedKeys(o.Members), o.via) }
