// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// ownedQuery describes what a role owns in the connected database; sharedOwnedQuery what it owns beside the databases'
// contents (databases, tablespaces); ownerDatabasesQuery the databases that it is named in at all.
const (
	ownedQuery = `
SELECT pg_catalog.pg_describe_object(s.classid, s.objid, s.objsubid) || ' in database ' || pg_catalog.current_database()
FROM pg_catalog.pg_shdepend s JOIN pg_catalog.pg_database d ON d.oid = s.dbid
WHERE s.refclassid = 1260 AND s.refobjid IN (SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname = ANY ($1::text[])) AND s.deptype = 'o' AND d.datname = pg_catalog.current_database()
ORDER BY 1`
	sharedOwnedQuery = `
SELECT pg_catalog.pg_describe_object(s.classid, s.objid, s.objsubid)
FROM pg_catalog.pg_shdepend s
WHERE s.refclassid = 1260 AND s.refobjid IN (SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname = ANY ($1::text[])) AND s.deptype = 'o' AND s.dbid = 0 ORDER BY 1`
	dependentDatabasesQuery = `
SELECT DISTINCT d.datname::text FROM pg_catalog.pg_shdepend s JOIN pg_catalog.pg_database d ON d.oid = s.dbid
WHERE s.refclassid = 1260 AND s.refobjid IN (SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname = ANY ($1::text[])) ORDER BY 1`
	sessionsQuery = `
SELECT DISTINCT a.usename::text FROM pg_catalog.pg_stat_activity a WHERE a.usename = ANY ($1::text[])`
	terminateQuery = `
SELECT pg_catalog.pg_terminate_backend(a.pid)::text FROM pg_catalog.pg_stat_activity a WHERE a.usename = ANY ($1::text[])`
)

// DropRole takes every privilege of a role and its logins in every database away and drops them. When one of them owns
// objects, all are left as they are, with an *OwnedObjectsError; one that is not there is ErrRoleNotFound. With terminate
// the sessions are ended.
func (s *Server) DropRole(ctx context.Context, name string, terminate bool) error {
	role, err := s.lookUp(ctx, name)
	if err != nil {
		return err
	}
	// The logins are members of the role, which goes last.
	names := slices.DeleteFunc(sortedKeys(role.Members), func(member string) bool { return member == name })
	return s.dropMembers(ctx, role, append(names, name), terminate)
}

// dropMembers drops some of a role's members, in the order given, all or none.
func (s *Server) dropMembers(ctx context.Context, role *Observed, names []string, terminate bool) error {
	home := s.config.Database
	databases, err := s.dependents(ctx, role.Name, names)
	if err != nil {
		return err
	}
	// From here on nothing new can come from them, so that nothing of their own can be lost below.
	err = s.write(ctx, home, func(tx pgx.Tx) error {
		if err := execute(ctx, tx, each(names, disableLogin)...); err != nil {
			return fmt.Errorf("disable the logins of role %s: %w", role.Name, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if terminate {
		if err := s.terminateSessions(ctx, names); err != nil {
			return err
		}
	}
	for _, database := range databases {
		if database == home {
			continue
		}
		err := s.write(ctx, database, func(tx pgx.Tx) error { return s.dropPrivilegesIn(ctx, tx, role.Name, names) })
		if err != nil {
			return fmt.Errorf("database %s: %w", database, err)
		}
	}
	return s.write(ctx, home, func(tx pgx.Tx) error {
		if err := s.dropPrivilegesIn(ctx, tx, role.Name, names); err != nil {
			return err
		}
		if err := execute(ctx, tx, each(names, dropRole)...); err != nil {
			return fmt.Errorf("drop role %s: %w", role.Name, err)
		}
		return nil
	})
}

// each gives one statement for each of some names.
func each(names []string, build func(string) statement) []statement {
	statements := make([]statement, len(names))
	for i, name := range names {
		statements[i] = build(name)
	}
	return statements
}

// dropPrivilegesIn takes all privileges in one database away. The statement would drop what the roles own too, so it
// runs only after a look, in the same transaction, that finds nothing.
func (s *Server) dropPrivilegesIn(ctx context.Context, tx pgx.Tx, role string, names []string) error {
	owned, err := texts(ctx, tx, ownedQuery, names)
	if err != nil {
		return err
	}
	if len(owned) > 0 {
		return &OwnedObjectsError{Role: role, Objects: owned}
	}
	needed := names
	if !isSuperuser(tx.Conn()) {
		// Only who has the rights of an object's owner can take privileges on it away.
		found, err := readContents(ctx, tx, scope{grantees: names, schemas: []string{}})
		if err != nil {
			return err
		}
		needed = slices.Concat(names, found.ownersOf(names, s.config.Username))
	}
	changes := make([]change, len(names))
	for i, name := range names {
		changes[i] = change{sql: dropPrivileges(name), owners: needed}
	}
	err = s.apply(ctx, tx, role, changes)
	if err != nil {
		return fmt.Errorf("take the privileges of role %s away: %w", role, err)
	}
	return nil
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

// dependents names the databases in which something names a role or its logins. When one of them owns something, that is an
// *OwnedObjectsError.
func (s *Server) dependents(ctx context.Context, role string, names []string) (databases []string, err error) {
	var owned []string
	err = s.read(ctx, s.config.Database, func(q querier) error {
		return read(ctx, q, readTexts(&databases, dependentDatabasesQuery, names), readTexts(&owned, sharedOwnedQuery, names))
	})
	errs := []error{err}
	for _, database := range databases {
		errs = append(errs, s.read(ctx, database, func(q querier) error {
			return read(ctx, q, readTexts(&owned, ownedQuery, names))
		}))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if len(owned) > 0 {
		return databases, &OwnedObjectsError{Role: role, Objects: owned}
	}
	return databases, nil
}

// terminateSessions ends the sessions of some roles, where there are any.
func (s *Server) terminateSessions(ctx context.Context, names []string) error {
	if len(names) == 0 {
		return nil
	}
	err := s.read(ctx, s.config.Database, func(q querier) error {
		connected, err := texts(ctx, q, sessionsQuery, names)
		names = connected
		return err
	})
	if err != nil || len(names) == 0 {
		return err
	}
	return s.write(ctx, s.config.Database, func(tx pgx.Tx) error {
		return s.acting(ctx, tx, names, func() error {
			if _, err := texts(ctx, tx, terminateQuery, names); err != nil {
				return fmt.Errorf("end sessions of %s: %w", strings.Join(names, ", "), err)
			}
			return nil
		})
	})
}
