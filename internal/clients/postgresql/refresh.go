// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// ReadRole reads a role and what it has in each database that it is named in, and in those where it was last known to be
// granted something, whose schemas are looked at even where the role has nothing in them. A role that is not there is
// ErrRoleNotFound. Roles that are read together share what is read.
func (s *Server) ReadRole(ctx context.Context, known Role) (*Observed, error) {
	home := s.config.Database
	if databases := known.databases(); len(databases) > 0 {
		home = databases[0]
	}
	roles, err := s.rosterOf(ctx, home)
	if err != nil {
		return nil, err
	}
	role, err := roles.observe(known.Name)
	if err != nil {
		return nil, err
	}
	databases := slices.Concat(role.databases, known.databases())
	if known.Grants == nil {
		through, err := s.databasesThrough(ctx, home, roles, role)
		if err != nil {
			return nil, err
		}
		databases = append(databases, through...)
	}
	slices.Sort(databases)
	for _, database := range slices.Compact(databases) {
		found, err := s.contentsOf(ctx, database)
		if err != nil {
			return nil, fmt.Errorf("database %s: %w", database, err)
		}
		role.Databases[database] = found.privileges(role, known.in(database))
	}
	if known.Grants == nil {
		role.addSurplusDefaults(known)
	}
	return role, nil
}

// databasesThrough names the databases in which a role that is imported may read through the roles that it is a member of.
func (s *Server) databasesThrough(ctx context.Context, home string, roles *roster, role *Observed) ([]string, error) {
	var databases []string
	for _, group := range role.via {
		databases = append(databases, roles.roles[group].databases...)
	}
	if !role.readsAll() {
		return databases, nil
	}
	err := s.read(ctx, home, func(q querier) error {
		return read(ctx, q, reading{allDatabasesQuery, nil, func(rows pgx.Rows) error {
			all, err := pgx.CollectRows(rows, pgx.RowTo[string])
			databases = append(databases, all...)
			return err
		}})
	})
	return databases, err
}

const allDatabasesQuery = `
SELECT d.datname::text FROM pg_catalog.pg_database d
WHERE d.datallowconn AND NOT d.datistemplate AND pg_catalog.has_database_privilege(d.oid, 'CONNECT')`

// rosterOf reads all roles of the server, through any of its databases.
func (s *Server) rosterOf(ctx context.Context, database string) (*roster, error) {
	return s.rosters.Get(ctx, "", func(ctx context.Context) (r *roster, err error) {
		err = s.read(ctx, database, func(q querier) error {
			r, err = readRoster(ctx, q, nil, true)
			return err
		})
		return r, err
	})
}

// contentsOf reads all of a database.
func (s *Server) contentsOf(ctx context.Context, database string) (*contents, error) {
	return s.contents.Get(ctx, database, func(ctx context.Context) (c *contents, err error) {
		err = s.read(ctx, database, func(q querier) error {
			c, err = readContents(ctx, q, scope{})
			return err
		})
		return c, err
	})
}

// forget drops what was read: something is about to change, or may have.
func (s *Server) forget() {
	s.rosters.Drop()
	s.contents.Drop()
}
