// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// querier is a connection or a transaction.
type querier interface {
	Exec(ctx context.Context, sql string, arguments ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, arguments ...any) (pgx.Rows, error)
}

// roleQuery reads a role and the databases in which it is named in an access list. pg_shdepend is the one catalogue
// that knows this for all databases of a server (classid 1262 is pg_database, 1260 pg_authid).
const roleQuery = `
SELECT r.rolname::text, r.oid, r.rolcanlogin, r.rolconnlimit,
       CASE WHEN pg_catalog.isfinite(r.rolvaliduntil) THEN r.rolvaliduntil END,
       ARRAY(SELECT e.name FROM (VALUES ('SUPERUSER', r.rolsuper), ('CREATEROLE', r.rolcreaterole),
             ('CREATEDB', r.rolcreatedb), ('REPLICATION', r.rolreplication), ('BYPASSRLS', r.rolbypassrls)
             ) AS e (name, held) WHERE e.held),
       COALESCE((SELECT s.setconfig FROM pg_catalog.pg_db_role_setting s
                 WHERE s.setrole = r.oid AND s.setdatabase = 0), '{}'),
       ARRAY(SELECT DISTINCT d.datname::text FROM pg_catalog.pg_shdepend s
             JOIN pg_catalog.pg_database d
               ON d.oid = CASE WHEN s.dbid = 0 AND s.classid = 1262 THEN s.objid ELSE s.dbid END
             WHERE s.refclassid = 1260 AND s.refobjid = r.oid AND s.deptype = 'a' AND d.datallowconn),
       EXISTS (SELECT FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
               WHERE m.member = r.oid AND g.rolname = $2::text)
FROM pg_catalog.pg_roles r WHERE r.rolname = ANY ($1::text[])`

// schemaQuery reads the schemas that are asked for, and all tables and views in them. A schema that does not exist
// gives one row with a null; one without tables likewise for the table.
const schemaQuery = `
SELECT w.name, n.oid IS NOT NULL, COALESCE(c.relname, ''), COALESCE(pg_catalog.pg_get_userbyid(c.relowner), '')
FROM pg_catalog.unnest($1::text[]) AS w (name)
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = w.name
LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`

// privilegeQuery reads every entry of the database's access lists that names one of the roles given (the first is the
// holder, others its logins), and those that name PUBLIC or a role that the holder is a member of (directly or not) where
// they go beyond reading.
const privilegeQuery = `
WITH RECURSIVE path (oid, via) AS (
  SELECT $1::oid, ''::name
  UNION SELECT m.roleid, g.rolname
  FROM path p JOIN pg_catalog.pg_auth_members m ON m.member = p.oid JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
), grantee (oid, via, login) AS (
  SELECT oid, via, ''::name FROM path
  UNION ALL SELECT 0::oid, 'PUBLIC'::name, ''::name
  UNION ALL SELECT l.oid, ''::name, l.rolname FROM pg_catalog.pg_roles l WHERE l.oid = ANY ($2::oid[])
),
entry AS (
  SELECT 'DATABASE' AS kind, '' AS schema, d.datname::text AS name, '' AS detail, a.*
  FROM pg_catalog.pg_database d, pg_catalog.aclexplode(d.datacl) a
  WHERE d.datname = pg_catalog.current_database()
  UNION ALL
  SELECT 'SCHEMA', n.nspname::text, '', '', a.*
  FROM pg_catalog.pg_namespace n, pg_catalog.aclexplode(n.nspacl) a
  UNION ALL
  SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname::text, c.relname::text, '', a.*
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace,
       pg_catalog.aclexplode(c.relacl) a
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
  UNION ALL
  SELECT 'COLUMN', n.nspname::text, c.relname::text, t.attname::text, a.*
  FROM pg_catalog.pg_attribute t JOIN pg_catalog.pg_class c ON c.oid = t.attrelid
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace, pg_catalog.aclexplode(t.attacl) a
  WHERE t.attacl IS NOT NULL AND NOT t.attisdropped
  UNION ALL
  SELECT 'ROUTINE', n.nspname::text, f.proname::text,
         pg_catalog.pg_get_function_identity_arguments(f.oid), a.*
  FROM pg_catalog.pg_proc f JOIN pg_catalog.pg_namespace n ON n.oid = f.pronamespace,
       pg_catalog.aclexplode(f.proacl) a
  UNION ALL
  SELECT 'DEFAULT', COALESCE(n.nspname::text, ''),
         CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'ROUTINES'
                              WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END,
         pg_catalog.pg_get_userbyid(d.defaclrole)::text, a.*
  FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace,
       pg_catalog.aclexplode(d.defaclacl) a
)
SELECT e.kind, e.schema, e.name, e.detail, e.privilege_type, e.is_grantable, g.via::text, g.login::text
FROM entry e JOIN grantee g ON g.oid = e.grantee
WHERE g.via = ''
   OR e.schema NOT IN ('pg_catalog', 'information_schema')
  AND (e.kind IN ('TABLE', 'COLUMN', 'SEQUENCE') AND e.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')
    OR e.kind IN ('DATABASE', 'SCHEMA') AND e.privilege_type = 'CREATE')
ORDER BY 1, 2, 3, 4, 5, 7, 8`

// membershipQuery reads the roles that the roles given are direct members of, but for the logins' membership in the holder.
const membershipQuery = `
SELECT r.rolname::text, g.rolname::text FROM pg_catalog.pg_auth_members m
JOIN pg_catalog.pg_roles g ON g.oid = m.roleid JOIN pg_catalog.pg_roles r ON r.oid = m.member
WHERE m.member = $1 OR m.member = ANY ($2::oid[]) AND m.roleid <> $1 ORDER BY 1, 2`

// readRole reads the role and its logins, without their privileges.
func readRole(ctx context.Context, q querier, name string) (*Observed, error) {
	logins := Logins(name)
	rows, err := q.Query(ctx, roleQuery, []string{name, logins[0], logins[1]}, name)
	if err != nil {
		return nil, fmt.Errorf("read role %s: %w", name, err)
	}
	role := &Observed{Name: name, Members: map[string]Member{}, Databases: map[string]Privileges{}}
	var found string
	var member Member
	var settings, databases []string
	fields := []any{
		&found, &member.oid, &member.CanLogin, &member.Attributes.ConnectionLimit, &member.Attributes.ValidUntil,
		&member.Elevated, &settings, &databases, &member.inherits,
	}
	_, err = pgx.ForEachRow(rows, fields, func() error {
		// A role that merely has the name of a login and is no member of the holder is somebody else's.
		if found == name || member.inherits {
			role.Members[found] = member.withSettings(settings)
			role.databases = append(role.databases, databases...)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read role %s: %w", name, err)
	}
	if _, ok := role.Members[name]; !ok {
		return nil, fmt.Errorf("%w: %s", ErrRoleNotFound, name)
	}
	return role, nil
}

// holder gives the oid of the role that holds the privileges.
func (o *Observed) holder() uint32 { return o.Members[o.Name].oid }

// loginOIDs gives the oids of its logins.
func (o *Observed) loginOIDs() []uint32 {
	oids := []uint32{}
	for name, member := range o.Members {
		if name != o.Name {
			oids = append(oids, member.oid)
		}
	}
	return oids
}

// The settings that the provider keeps on a login role.
const (
	settingReadOnly         = "default_transaction_read_only"
	settingStatementTimeout = "statement_timeout"
	settingIdleTimeout      = "idle_in_transaction_session_timeout"
)

func (m Member) withSettings(settings []string) Member {
	m.ReadOnly = false
	m.Attributes.StatementTimeout, m.Attributes.IdleInTransactionSessionTimeout = 0, 0
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		switch name {
		case settingReadOnly:
			m.ReadOnly = slices.Contains([]string{"on", "true", "yes", "1"}, strings.ToLower(value))
		case settingStatementTimeout:
			m.Attributes.StatementTimeout = parseTimeout(value)
		case settingIdleTimeout:
			m.Attributes.IdleInTransactionSessionTimeout = parseTimeout(value)
		}
	}
	return m
}

// parseTimeout reads a time-out as the server's settings write it: a number and us, ms, s, min, h or d; ms without one.
func parseTimeout(text string) time.Duration {
	text = strings.ReplaceAll(text, " ", "")
	digits := strings.IndexFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	if digits < 0 {
		digits = len(text)
	}
	unit := map[string]string{"": "ms", "min": "m", "d": "h"}
	number, suffix := text[:digits], text[digits:]
	goSuffix, renamed := unit[suffix]
	if !renamed {
		goSuffix = suffix
	}
	parsed, err := time.ParseDuration(number + goSuffix)
	if err != nil {
		return 0
	}
	if suffix == "d" {
		parsed *= 24
	}
	return parsed
}

// readPrivileges reads what a role has in the database that q is connected to. Schemas are those to look at even if
// the role has nothing in them.
func readPrivileges(ctx context.Context, q querier, role *Observed, schemas []string) (Privileges, error) {
	privileges := Privileges{Schemas: map[string]Schema{}}
	rows, err := q.Query(ctx, privilegeQuery, role.holder(), role.loginOIDs())
	if err != nil {
		return privileges, fmt.Errorf("read privileges: %w", err)
	}
	entries, err := pgx.CollectRows(rows, pgx.RowToStructByPos[entry])
	if err != nil {
		return privileges, fmt.Errorf("read privileges: %w", err)
	}
	for _, found := range entries {
		if found.Via == "" && found.Login == "" && found.Schema != "" {
			schemas = append(schemas, found.Schema)
		}
	}
	slices.Sort(schemas)
	if err := readSchemas(ctx, q, slices.Compact(schemas), &privileges); err != nil {
		return privileges, err
	}
	for _, found := range entries {
		privileges.add(role.Name, found)
	}
	return privileges, readMemberships(ctx, q, role, &privileges)
}

func readMemberships(ctx context.Context, q querier, role *Observed, privileges *Privileges) error {
	rows, err := q.Query(ctx, membershipQuery, role.holder(), role.loginOIDs())
	if err != nil {
		return fmt.Errorf("read memberships: %w", err)
	}
	var member, group string
	_, err = pgx.ForEachRow(rows, []any{&member, &group}, func() error {
		excess := Excess{Privilege: "membership in " + group, revoke: revokeMembership(group, member)}
		if member != role.Name {
			excess.Login = member
		}
		privileges.Excess = append(privileges.Excess, excess)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read memberships: %w", err)
	}
	return nil
}

func readSchemas(ctx context.Context, q querier, names []string, privileges *Privileges) error {
	if len(names) == 0 {
		return nil
	}
	rows, err := q.Query(ctx, schemaQuery, names)
	if err != nil {
		return fmt.Errorf("read schemas: %w", err)
	}
	var name, relation, owner string
	var exists bool
	_, err = pgx.ForEachRow(rows, []any{&name, &exists, &relation, &owner}, func() error {
		schema, ok := privileges.Schemas[name]
		if !ok {
			schema = Schema{Exists: exists, Relations: map[string]Relation{}}
			privileges.Schemas[name] = schema
		}
		if relation != "" {
			schema.Relations[relation] = Relation{Owner: owner}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read schemas: %w", err)
	}
	return nil
}
