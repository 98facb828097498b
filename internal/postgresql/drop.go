// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// ownedQuery describes what a role owns in the connected database; sharedOwnedQuery what it owns beside the databases'
// contents (databases, tablespaces); ownerDatabasesQuery the databases that it is named in at all.
const (
	ownedQuery = `
SELECT pg_catalog.pg_describe_object(s.classid, s.objid, s.objsubid) || ' in database ' || pg_catalog.current_database()
FROM pg_catalog.pg_shdepend s JOIN pg_catalog.pg_database d ON d.oid = s.dbid
WHERE s.refclassid = 1260 AND s.refobjid = $1 AND s.deptype = 'o' AND d.datname = pg_catalog.current_database()
ORDER BY 1`
	sharedOwnedQuery = `
SELECT pg_catalog.pg_describe_object(s.classid, s.objid, s.objsubid)
FROM pg_catalog.pg_shdepend s
WHERE s.refclassid = 1260 AND s.refobjid = $1 AND s.deptype = 'o' AND s.dbid = 0 ORDER BY 1`
	dependentDatabasesQuery = `
SELECT DISTINCT d.datname::text FROM pg_catalog.pg_shdepend s JOIN pg_catalog.pg_database d ON d.oid = s.dbid
WHERE s.refclassid = 1260 AND s.refobjid = $1 ORDER BY 1`
	terminateQuery = `
SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity a WHERE a.usesysid = $1`
)

// DropRole takes every privilege of a role in every database away and drops it. A role that owns objects is left as it
// is, with an *OwnedObjectsError; one that is not there is ErrRoleNotFound. With terminate its sessions are ended.
func (s *Server) DropRole(ctx context.Context, name string, terminate bool) error {
	home := s.config.Database
	var role *Observed
	var databases []string
	err := s.read(ctx, home, func(q querier) error {
		var err error
		if role, err = readRole(ctx, q, name); err != nil {
			return err
		}
		databases, err = texts(ctx, q, dependentDatabasesQuery, role.oid)
		return err
	})
	if err != nil {
		return err
	}
	if err := s.checkOwnsNothing(ctx, role, databases); err != nil {
		return err
	}
	// From here on nothing new can come from the role, so that nothing of its own can be lost below.
	err = s.write(ctx, home, func(tx pgx.Tx) error { return execute(ctx, tx, disableLogin(name)) })
	if err != nil {
		return fmt.Errorf("disable the login of role %s: %w", name, err)
	}
	if terminate {
		err := s.read(ctx, home, func(q querier) error { return terminateSessions(ctx, q, role.oid) })
		if err != nil {
			return err
		}
	}
	for _, database := range databases {
		if database == home {
			continue
		}
		err := s.write(ctx, database, func(tx pgx.Tx) error { return dropPrivilegesIn(ctx, tx, role) })
		if err != nil {
			return fmt.Errorf("database %s: %w", database, err)
		}
	}
	return s.write(ctx, home, func(tx pgx.Tx) error {
		if err := dropPrivilegesIn(ctx, tx, role); err != nil {
			return err
		}
		if err := execute(ctx, tx, dropRole(name)); err != nil {
			return fmt.Errorf("drop role %s: %w", name, err)
		}
		return nil
	})
}

// dropPrivilegesIn takes all privileges in one database away. The statement would drop what the role owns too, so it
// runs only after a look, in the same transaction, that finds nothing.
func dropPrivilegesIn(ctx context.Context, tx pgx.Tx, role *Observed) error {
	owned, err := texts(ctx, tx, ownedQuery, role.oid)
	if err != nil {
		return err
	}
	if len(owned) > 0 {
		return &OwnedObjectsError{Role: role.Name, Objects: owned}
	}
	if err := execute(ctx, tx, dropPrivileges(role.Name)); err != nil {
		return fmt.Errorf("take the privileges of role %s away: %w", role.Name, err)
	}
	return nil
}

func (s *Server) checkOwnsNothing(ctx context.Context, role *Observed, databases []string) error {
	var owned []string
	collect := func(query string) func(querier) error {
		return func(q querier) error {
			found, err := texts(ctx, q, query, role.oid)
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
		return &OwnedObjectsError{Role: role.Name, Objects: owned}
	}
	return nil
}

func terminateSessions(ctx context.Context, q querier, oid uint32) error {
	if _, err := q.Exec(ctx, terminateQuery, oid); err != nil {
		return fmt.Errorf("end the role's sessions: %w", err)
	}
	return nil
}

func texts(ctx context.Context, q querier, query string, oid uint32) ([]string, error) {
	rows, err := q.Query(ctx, query, oid)
	if err != nil {
		return nil, fmt.Errorf("read the catalogue: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("read the catalogue: %w", err)
	}
	return found, nil
}
