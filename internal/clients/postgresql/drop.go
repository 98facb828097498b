// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// ownedQuery describes what roles own in the connected database; sharedOwnedQuery what they own beside the databases'
// contents (databases, tablespaces); dependentDatabasesQuery the databases that they are named in at all. Each row begins with the role.
// grantedTablesQuery names the tables of the database that a role was granted something on.
const (
	// Looked up first, so that the server uses the index of what names a role, however little it knows of its own tables.
	theseRoles = `ANY (ARRAY(SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname = ANY ($1::text[])))`
	ownedQuery = `
SELECT pg_catalog.pg_get_userbyid(s.refobjid)::text,
       pg_catalog.pg_describe_object(s.classid, s.objid, s.objsubid) || ' in database ' || pg_catalog.current_database(), ''
FROM pg_catalog.pg_shdepend s JOIN pg_catalog.pg_database d ON d.oid = s.dbid
WHERE s.refclassid = 1260 AND s.refobjid = ` + theseRoles + ` AND s.deptype = 'o' AND d.datname = pg_catalog.current_database() ORDER BY 2`
	sharedOwnedQuery = `
SELECT pg_catalog.pg_get_userbyid(s.refobjid)::text, pg_catalog.pg_describe_object(s.classid, s.objid, s.objsubid), ''
FROM pg_catalog.pg_shdepend s
WHERE s.refclassid = 1260 AND s.refobjid = ` + theseRoles + ` AND s.deptype = 'o' AND s.dbid = 0 ORDER BY 2`
	dependentDatabasesQuery = `
SELECT DISTINCT pg_catalog.pg_get_userbyid(s.refobjid)::text, d.datname::text, ''
FROM pg_catalog.pg_shdepend s JOIN pg_catalog.pg_database d ON d.oid = s.dbid
WHERE s.refclassid = 1260 AND s.refobjid = ` + theseRoles + ` ORDER BY 2`
	grantedTablesQuery = `
SELECT DISTINCT pg_catalog.pg_get_userbyid(s.refobjid)::text, n.nspname::text, c.relname::text
FROM pg_catalog.pg_shdepend s JOIN pg_catalog.pg_database d ON d.oid = s.dbid
JOIN pg_catalog.pg_class c ON c.oid = s.objid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE s.refclassid = 1260 AND s.refobjid = ` + theseRoles + ` AND s.deptype = 'a' AND s.classid = 1259 AND s.objsubid = 0
  AND d.datname = pg_catalog.current_database() AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
ORDER BY 2, 3`
	sessionsQuery = `
SELECT DISTINCT a.usename::text, '', '' FROM pg_catalog.pg_stat_activity a WHERE a.usename = ANY ($1::text[])`
)

// dependent is something that names a role: a database, an object in words, or a table by its schema.
type dependent struct{ Role, Text, Table string }

// dependents are what names some roles: the databases in which something does, and what they own that was looked at.
type dependents struct{ databases, owned []dependent }

func (d *dependents) questions(names []string) []question {
	return []question{{dependentDatabasesQuery, names, &d.databases}, {sharedOwnedQuery, names, &d.owned}, d.inDatabase(names)}
}

// inDatabase asks what roles own in the connected database.
func (d *dependents) inDatabase(names []string) question {
	return question{ownedQuery, names, &d.owned}
}

// question is one about some roles, each of whose rows begins with the role: several can be asked about others, too.
type question struct {
	sql   string
	names []string
	found *[]dependent
}

func (q question) reading() reading { return reading{q.sql, []any{q.names}, collectInto(q.found)} }

func readingsOf(questions ...question) []reading {
	readings := make([]reading, len(questions))
	for i, q := range questions {
		readings[i] = q.reading()
	}
	return readings
}

// of keeps what names some of the roles only.
func (d *dependents) of(names []string) {
	isOther := func(found dependent) bool { return !slices.Contains(names, found.Role) }
	d.databases, d.owned = slices.DeleteFunc(d.databases, isOther), slices.DeleteFunc(d.owned, isOther)
}

// check is an *OwnedObjectsError where a role, or one of its logins, owns something.
func (d *dependents) check(role string) error {
	if len(d.owned) > 0 {
		return &OwnedObjectsError{Role: role, Objects: dependentTexts(d.owned)}
	}
	return nil
}

func dependentTexts(found []dependent) []string {
	texts := make([]string, len(found))
	for i, of := range found {
		texts[i] = of.Text
	}
	return texts
}

func rolesOf(found []dependent) []string {
	roles := make([]string, len(found))
	for i, of := range found {
		roles[i] = of.Role
	}
	return roles
}

// DropRole takes every privilege of a role and its logins in every database away and drops them. When one of them owns
// objects, all are left as they are, with an *OwnedObjectsError; one that is not there is ErrRoleNotFound. With terminate
// the sessions are ended.
func (s *Server) DropRole(ctx context.Context, name string, terminate bool) error {
	return s.dropMembers(ctx, name, terminate, func(role *Observed) []string {
		// The logins are members of the role, which goes last.
		logins := slices.DeleteFunc(sortedKeys(role.Members), func(member string) bool { return member == name })
		return append(logins, name)
	})
}

// dropMembers drops some of a role's members, in the order in which they are chosen, all or none.
func (s *Server) dropMembers(ctx context.Context, name string, terminate bool, choose func(*Observed) []string) error {
	home := s.config.Database
	var names []string
	var found dependents
	var connected []dependent
	// Once their logins are disabled nothing new can come from them, so that nothing of their own can be lost below.
	err := s.write(ctx, home, func(p *part) error {
		found, connected = dependents{}, nil
		candidates := nameAndLogins(name)
		role, err := p.readRole(name, found.questions(candidates)...)
		if err != nil {
			return err
		}
		names = choose(role)
		found.of(names)
		owned, err := p.readOwnedIn(found.elsewhere(home), names)
		if err != nil {
			return err
		}
		found.owned = append(found.owned, owned...)
		if err := found.check(name); err != nil {
			return err
		}
		disabled := explained(changesOf(each(names, disableLogin)...), "disable the logins of role %s", name)
		return p.finish(name, disabled, question{sessionsQuery, names, &connected})
	})
	if err != nil {
		return err
	}
	if terminate {
		if err := s.endSessions(ctx, rolesOf(connected)); err != nil {
			return err
		}
	}
	databases := distinct(dependentTexts(found.databases))
	if len(databases) == 0 {
		databases = []string{home}
	}
	for i, database := range databases {
		var drops []change
		if i == len(databases)-1 { // Any database will do for a role itself: it goes with the last of its privileges.
			drops = explained(changesOf(each(names, dropRole)...), "drop role %s", name)
		}
		for i := range drops {
			drops[i].isAfterwards = true
		}
		err := s.write(ctx, database, func(p *part) error { return s.dropPrivilegesIn(p, name, names, drops...) })
		if err != nil {
			return fmt.Errorf("database %s: %w", database, err)
		}
	}
	return nil
}

// elsewhere names the databases but one in which something names the roles.
func (d *dependents) elsewhere(home string) []string {
	return slices.DeleteFunc(distinct(dependentTexts(d.databases)), func(database string) bool { return database == home })
}

// readOwned looks at what roles own in a database.
func (s *Server) readOwned(ctx context.Context, database string, names []string) ([]dependent, error) {
	var found dependents
	err := s.read(ctx, database, func(q querier) error { return read(ctx, q, found.inDatabase(names).reading()) })
	return found.owned, err
}

// each gives one statement for each of some names.
func each(names []string, build func(string) statement) []statement {
	statements := make([]statement, len(names))
	for i, name := range names {
		statements[i] = build(name)
	}
	return statements
}

// dropPrivilegesIn takes all privileges in one database away, and makes further changes. The statement would drop what the roles own too,
// so it runs only after a look, in the same transaction, that finds nothing.
func (s *Server) dropPrivilegesIn(p *part, role string, names []string, further ...change) error {
	var found dependents
	var granted []dependent
	var entries *scope
	questions := []question{found.inDatabase(names)}
	switch {
	case !p.isSuperuser():
		entries = &scope{grantees: names}
	case slices.Contains(names, role): // Logins alone hold nothing that is worth it.
		questions = append(questions, question{grantedTablesQuery, []string{role}, &granted})
	}
	holds, err := p.readContents(nil, entries, questions...)
	if err != nil {
		return err
	}
	if err := found.check(role); err != nil {
		return err
	}
	// Only who has the rights of an object's owner can take privileges on it away.
	needed := slices.Concat(names, holds.ownersOf(names, s.config.Username))
	changes := make([]change, len(names), len(names)+1)
	for i, name := range names {
		changes[i] = change{sql: dropPrivileges(name), owners: needed}
	}
	if len(granted) > 0 {
		tables := make([]relationName, len(granted))
		for i, table := range granted {
			tables[i] = relationName{table.Text, table.Table}
		}
		changes = append(changes, change{sql: revokeAll(tables, role), together: asRevocation})
	}
	explained(changes, "take the privileges of role %s away", role)
	return p.finish(role, append(changes, further...))
}

// ownersOf names whose rights it takes to revoke all that some roles hold, but for what the admin gave itself.
func (c *contents) ownersOf(names []string, admin string) []string {
	var owners []string
	for _, name := range names {
		for _, i := range c.held[name] {
			if c.entries[i].Grantor != admin {
				owners = append(owners, c.entries[i].Owner, c.entries[i].Door)
			}
		}
	}
	return owners
}

// lookUp reads a role and its logins, without their privileges.
func (s *Server) lookUp(ctx context.Context, name string) (role *Observed, err error) {
	err = s.read(ctx, s.config.Database, func(q querier) error {
		role, err = readRole(ctx, q, name)
		return err
	})
	return role, err
}

// terminateSessions ends the sessions of some roles, where there are any.
func (s *Server) terminateSessions(ctx context.Context, names []string) error {
	if len(names) == 0 {
		return nil
	}
	var connected []dependent
	err := s.read(ctx, s.config.Database, func(q querier) (err error) {
		return read(ctx, q, question{sessionsQuery, names, &connected}.reading())
	})
	if err != nil {
		return err
	}
	return s.endSessions(ctx, rolesOf(connected))
}

// endSessions ends the sessions of roles that have some.
func (s *Server) endSessions(ctx context.Context, names []string) error {
	if len(names) == 0 {
		return nil
	}
	ending := explained([]change{{sql: terminate(names), owners: names}}, "end sessions of %s", strings.Join(names, ", "))
	return s.write(ctx, s.config.Database, func(p *part) error { return p.finish("", ending) })
}
