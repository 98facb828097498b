// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// ownedQuery describes what a role owns in the connected database; sharedOwnedQuery what it owns beside the databases'
// contents (databases, tablespaces); ownerDatabasesQuery the databases that it is named in at all.
const (
	ownedQuery = `
SELECT pg_catalog.pg_describe_object(s.classid, s.objid, s.objsubid) || ' in database ' || pg_catalog.current_database()
FROM pg_catalog.pg_shdepend s JOIN pg_catalog.pg_database d ON d.oid = s.dbid
WHERE s.refclassid = 1260 AND s.refobjid = ANY ($1::oid[]) AND s.deptype = 'o' AND d.datname = pg_catalog.current_database()
ORDER BY 1`
	sharedOwnedQuery = `
SELECT pg_catalog.pg_describe_object(s.classid, s.objid, s.objsubid)
FROM pg_catalog.pg_shdepend s
WHERE s.refclassid = 1260 AND s.refobjid = ANY ($1::oid[]) AND s.deptype = 'o' AND s.dbid = 0 ORDER BY 1`
	dependentDatabasesQuery = `
SELECT DISTINCT d.datname::text FROM pg_catalog.pg_shdepend s JOIN pg_catalog.pg_database d ON d.oid = s.dbid
WHERE s.refclassid = 1260 AND s.refobjid = ANY ($1::oid[]) ORDER BY 1`
	terminateQuery = `
SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity a WHERE a.usesysid = ANY ($1::oid[])`
)

// DropRole takes every privilege of a role and its logins in every database away and drops them. When one of them owns
// objects, all are left as they are, with an *OwnedObjectsError; one that is not there is ErrRoleNotFound. With terminate
// the sessions are ended.
func (s *Server) DropRole(ctx context.Context, name string, terminate bool) error {
	var role *Observed
	err := s.read(ctx, s.config.Database, func(q querier) error {
		var err error
		role, err = readRole(ctx, q, name)
		return err
	})
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
	oids := make([]uint32, len(names))
	for i, name := range names {
		oids[i] = role.Members[name].oid
	}
	var databases []string
	err := s.read(ctx, home, func(q querier) (err error) {
		databases, err = texts(ctx, q, dependentDatabasesQuery, oids)
		return err
	})
	if err != nil {
		return err
	}
	if err := s.checkOwnsNothing(ctx, role.Name, oids, databases); err != nil {
		return err
	}
	// From here on nothing new can come from them, so that nothing of their own can be lost below.
	err = s.write(ctx, home, func(tx pgx.Tx) error {
		for _, name := range names {
			if err := execute(ctx, tx, disableLogin(name)); err != nil {
				return fmt.Errorf("disable the login of role %s: %w", name, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if terminate {
		err := s.read(ctx, home, func(q querier) error { return terminateSessions(ctx, q, oids) })
		if err != nil {
			return err
		}
	}
	for _, database := range databases {
		if database == home {
			continue
		}
		err := s.write(ctx, database, func(tx pgx.Tx) error { return dropPrivilegesIn(ctx, tx, role.Name, names, oids) })
		if err != nil {
			return fmt.Errorf("database %s: %w", database, err)
		}
	}
	return s.write(ctx, home, func(tx pgx.Tx) error {
		if err := dropPrivilegesIn(ctx, tx, role.Name, names, oids); err != nil {
			return err
		}
		for _, name := range names {
			if err := execute(ctx, tx, dropRole(name)); err != nil {
				return fmt.Errorf("drop role %s: %w", name, err)
			}
		}
		return nil
	})
}

// dropPrivilegesIn takes all privileges in one database away. The statement would drop what the roles own too, so it
// runs only after a look, in the same transaction, that finds nothing.
func dropPrivilegesIn(ctx context.Context, tx pgx.Tx, role string, names []string, oids []uint32) error {
	owned, err := texts(ctx, tx, ownedQuery, oids)
	if err != nil {
		return err
	}
	if len(owned) > 0 {
		return &OwnedObjectsError{Role: role, Objects: owned}
	}
	for _, name := range names {
		if err := execute(ctx, tx, dropPrivileges(name)); err != nil {
			return fmt.Errorf("take the privileges of role %s away: %w", name, err)
		}
	}
	return nil
}

func (s *Server) checkOwnsNothing(ctx context.Context, role string, oids []uint32, databases []string) error {
	var owned []string
	collect := func(query string) func(querier) error {
		return func(q querier) error {
			found, err := texts(ctx, q, query, oids)
			owned = append(owned, found...)
			return err
		}
	}
	errs := []error{s.read(ctx, s.config.Database, collect(sharedOwnedQuery))}
	for _, database := range databases {
		errs = append(errs, s.read(ctx, database, collect(ownedQuery)))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if len(owned) > 0 {
		return &OwnedObjectsError{Role: role, Objects: owned}
	}
	return nil
}

func terminateSessions(ctx context.Context, q querier, oids []uint32) error {
	if _, err := q.Exec(ctx, terminateQuery, oids); err != nil {
		return fmt.Errorf("end the role's sessions: %w", err)
	}
	return nil
}

func texts(ctx context.Context, q querier, query string, oids []uint32) ([]string, error) {
	rows, err := q.Query(ctx, query, oids)
	if err != nil {
		return nil, fmt.Errorf("read the catalogue: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("read the catalogue: %w", err)
	}
	return found, nil
}
