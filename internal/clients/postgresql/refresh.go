// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"fmt"
	"slices"
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
	slices.Sort(databases)
	for _, database := range slices.Compact(databases) {
		found, err := s.contentsOf(ctx, database)
		if err != nil {
			return nil, fmt.Errorf("database %s: %w", database, err)
		}
		role.Databases[database] = found.privileges(role, known.in(database))
	}
	return role, nil
}

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
