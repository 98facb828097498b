// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// rolesQuery reads roles (all where no names are given) and the databases in which each is named in an access list.
// pg_shdepend is the one catalogue that knows this for all databases of a server (classid 1262 is pg_database, 1260
// pg_authid).
const rolesQuery = `
SELECT r.rolname::text, r.oid, r.rolcanlogin, r.rolconnlimit,
       CASE WHEN pg_catalog.isfinite(r.rolvaliduntil) THEN r.rolvaliduntil END,
       ARRAY(SELECT e.name FROM (VALUES ('SUPERUSER', r.rolsuper), ('CREATEROLE', r.rolcreaterole),
             ('CREATEDB', r.rolcreatedb), ('REPLICATION', r.rolreplication), ('BYPASSRLS', r.rolbypassrls)
             ) AS e (name, held) WHERE e.held),
       ARRAY(SELECT c FROM pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) c
             WHERE s.setrole = r.oid AND s.setdatabase = 0 AND pg_catalog.split_part(c, '=', 1) IN (` + keptSettings + `)),
       ARRAY(SELECT foreign_setting.name FROM ` + foreignSettings + ` ORDER BY foreign_setting.database, foreign_setting.name),
       ARRAY(SELECT foreign_setting.database FROM ` + foreignSettings + ` ORDER BY foreign_setting.database, foreign_setting.name),
       ARRAY(SELECT DISTINCT d.datname::text FROM pg_catalog.pg_shdepend s
             JOIN pg_catalog.pg_database d
               ON d.oid = CASE WHEN s.dbid = 0 AND s.classid = 1262 THEN s.objid ELSE s.dbid END
             WHERE s.refclassid = 1260 AND s.refobjid = r.oid AND s.deptype = 'a' AND d.datallowconn)
FROM pg_catalog.pg_roles r WHERE $1::text[] IS NULL OR r.rolname = ANY ($1::text[])`

// keptSettings are those that the provider keeps on a login, for all databases. foreignSettings names the others that the admin can
// reset, without their values, which may be anybody's secrets; the database is empty for all of them. One that pg_settings does not
// show, or a placeholder, only a superuser can reset.
const (
	keptSettings    = `'` + settingReadOnly + `', '` + settingStatementTimeout + `', '` + settingIdleTimeout + `'`
	foreignSettings = `(
             SELECT pg_catalog.split_part(c, '=', 1) AS name, COALESCE(d.datname, '')::text AS database
             FROM pg_catalog.pg_db_role_setting s CROSS JOIN pg_catalog.unnest(s.setconfig) c
             LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
             WHERE s.setrole = r.oid AND (s.setdatabase <> 0 OR pg_catalog.split_part(c, '=', 1) NOT IN (` + keptSettings + `))
               AND (EXISTS (SELECT FROM pg_catalog.pg_roles a WHERE a.rolname = CURRENT_USER AND a.rolsuper)
                    OR pg_catalog.lower(pg_catalog.split_part(c, '=', 1)) IN (
                         SELECT pg_catalog.lower(p.name) FROM pg_catalog.pg_settings p WHERE p.context IN ('user', 'backend')))
             ) AS foreign_setting`
)

// membersQuery reads all direct memberships of the server. From version 16 on there may be several of one role in another,
// from different grantors, and only each grantor's own can be revoked in its name.
const membersQuery = `
SELECT m.member, m.roleid, g.rolname::text,
       CASE WHEN pg_catalog.current_setting('server_version_num')::int >= 160000
            THEN pg_catalog.pg_get_userbyid(m.grantor)::text ELSE '' END
FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid = m.roleid ORDER BY 1, 3, 4`

// digestsQuery reads, of every role's verifier, a digest that the server computes. Only who may read pg_authid can run it.
const (
	maySeeVerifiersQuery = `
SELECT pg_catalog.has_column_privilege('pg_catalog.pg_authid'::regclass, 'rolpassword', 'SELECT')::text`
	digestsQuery = `
SELECT a.rolname::text, pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(a.rolpassword, 'UTF8')), 'hex')
FROM pg_catalog.pg_authid a
WHERE a.rolpassword IS NOT NULL AND ($1::text[] IS NULL OR a.rolname = ANY ($1::text[]))`
)

// roster is what a server knows of roles, beside what they may do in its databases.
type roster struct {
	roles map[string]rosterRole
	// groups holds the roles that one is a direct member of.
	groups map[uint32][]group
	// digests holds the digest of each role's verifier; nil where the admin may not know it.
	digests map[string]string
}

type rosterRole struct {
	member    Member
	databases []string
}

// noPassword stands for the digest of a role that has none.
const noPassword = "none"

// group is a role that another is a member of.
type group struct {
	oid  uint32
	name string
	// grantor made it a member; empty where the server does not hold such apart.
	grantor string
}

// readRoster reads the roles of the names given, or all.
func readRoster(ctx context.Context, q querier, names []string, withDigests bool) (*roster, error) {
	r := newRoster()
	var maySee string
	readings := r.readings(names)
	if withDigests {
		readings = append(readings, reading{maySeeVerifiersQuery, nil, func(rows pgx.Rows) (err error) {
			maySee, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[string])
			return err
		}})
	}
	if err := read(ctx, q, readings...); err != nil {
		return nil, err
	}
	if maySee != "true" {
		return r, nil
	}
	r.digests = map[string]string{}
	var name, digest string
	return r, read(ctx, q, reading{digestsQuery, []any{names}, func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&name, &digest}, func() error {
			r.digests[name] = digest
			return nil
		})
		return err
	}})
}

func newRoster() *roster {
	return &roster{roles: map[string]rosterRole{}, groups: map[uint32][]group{}}
}

func (r *roster) readings(names []string) []reading {
	return []reading{{rolesQuery, []any{names}, r.collectRoles}, {membersQuery, nil, r.collectMembers}}
}

func (r *roster) collectRoles(rows pgx.Rows) error {
	var name string
	var member Member
	var settings, foreign, foreignIn, databases []string
	_, err := pgx.ForEachRow(rows, []any{
		&name, &member.oid, &member.CanLogin, &member.Attributes.ConnectionLimit, &member.Attributes.ValidUntil,
		&member.Elevated, &settings, &foreign, &foreignIn, &databases,
	}, func() error {
		member.foreign = nil
		for i, name := range foreign {
			member.foreign = append(member.foreign, setting{name: name, database: foreignIn[i]})
		}
		r.roles[name] = rosterRole{member: member.withSettings(settings), databases: slices.Clone(databases)}
		return nil
	})
	return err
}

func (r *roster) collectMembers(rows pgx.Rows) error {
	var member uint32
	var of group
	_, err := pgx.ForEachRow(rows, []any{&member, &of.oid, &of.name, &of.grantor}, func() error {
		r.groups[member] = append(r.groups[member], of)
		return nil
	})
	return err
}

// observe gives a role and its logins, without their privileges.
func (r *roster) observe(name string) (*Observed, error) {
	holder, ok := r.roles[name]
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrRoleNotFound, name)
	}
	observed := &Observed{Name: name, Members: map[string]Member{}, Databases: map[string]Privileges{}}
	observed.take(r, name, holder)
	for _, login := range Logins(name) {
		found, ok := r.roles[login]
		// A role that merely has the name of a login and is no member of the holder is somebody else's.
		if ok && slices.ContainsFunc(r.groups[found.member.oid], func(g group) bool { return g.oid == holder.member.oid }) {
			observed.take(r, login, found)
		}
	}
	observed.via = r.reachable(holder.member.oid)
	return observed, nil
}

// take adds the role itself or one of its logins.
func (o *Observed) take(r *roster, name string, found rosterRole) {
	if r.digests != nil {
		found.member.digest = cmp.Or(r.digests[name], noPassword)
	}
	o.Members[name] = found.member
	o.databases = append(o.databases, found.databases...)
	for _, g := range r.groups[found.member.oid] {
		if g.name != o.Name {
			o.memberships = append(o.memberships, membership{member: name, group: g.name, grantor: g.grantor})
		}
	}
}

// reachable names the roles that one is a member of, directly or not.
func (r *roster) reachable(oid uint32) []string {
	found := map[string]uint32{}
	for next := []uint32{oid}; len(next) > 0; next = next[1:] {
		for _, g := range r.groups[next[0]] {
			if _, known := found[g.name]; !known {
				found[g.name] = g.oid
				next = append(next, g.oid)
			}
		}
	}
	return sortedKeys(found)
}

// readRole reads one role and its logins, without their privileges.
func readRole(ctx context.Context, q querier, name string) (*Observed, error) {
	r, err := readRoster(ctx, q, nameAndLogins(name), false)
	if err != nil {
		return nil, fmt.Errorf("read role %s: %w", name, err)
	}
	return r.observe(name)
}

func nameAndLogins(name string) []string {
	logins := Logins(name)
	return []string{name, logins[0], logins[1]}
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
