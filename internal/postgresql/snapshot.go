// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/singleflight"
)

// snapshot is what a server holds, as it was first read: all roles refreshed in one run share it, so that reading many
// takes no more statements than reading one. Every write of the provider drops it.
type snapshot struct {
	flights singleflight.Group

	mu       sync.Mutex
	roster   *roster
	contents map[string]*contents
}

func newSnapshot() *snapshot { return &snapshot{contents: map[string]*contents{}} }

// rosterKey is no database's name.
const rosterKey = ""

// once gives what is known, or loads it for all who wait for it. The first to ask loads; when that one gives up, another
// loads.
func once[T any](ctx context.Context, s *snapshot, key string, known func() *T, load func() (*T, error)) (*T, error) {
	for {
		s.mu.Lock()
		found := known()
		s.mu.Unlock()
		if found != nil {
			return found, nil
		}
		result := s.flights.DoChan(key, func() (any, error) { return load() })
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case loaded := <-result:
			if loaded.Err != nil && loaded.Shared && ctx.Err() == nil && isCanceled(loaded.Err) {
				continue
			}
			value, _ := loaded.Val.(*T)
			return value, loaded.Err
		}
	}
}

func isCanceled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// rosterOf reads all roles of the server, through any of its databases.
func (s *Server) rosterOf(ctx context.Context, from *snapshot, database string) (*roster, error) {
	return once(ctx, from, rosterKey, func() *roster { return from.roster }, func() (r *roster, err error) {
		err = s.read(ctx, database, func(q querier) error {
			r, err = readRoster(ctx, q, nil, true)
			return err
		})
		if err != nil {
			return nil, err
		}
		from.mu.Lock()
		defer from.mu.Unlock()
		from.roster = r
		return r, nil
	})
}

// contentsOf reads all of a database.
func (s *Server) contentsOf(ctx context.Context, from *snapshot, database string) (*contents, error) {
	return once(ctx, from, database, func() *contents { return from.contents[database] }, func() (c *contents, err error) {
		err = s.read(ctx, database, func(q querier) error {
			c, err = readContents(ctx, q, scope{})
			return err
		})
		if err != nil {
			return nil, err
		}
		from.mu.Lock()
		defer from.mu.Unlock()
		from.contents[database] = c
		return c, nil
	})
}

// ReadRole reads a role and what it has in each database that it is named in, and in those where it was last known to be
// granted something, whose schemas are looked at even where the role has nothing in them. A role that is not there is
// ErrRoleNotFound. Roles that are read together share what is read.
func (s *Server) ReadRole(ctx context.Context, known Role) (*Observed, error) {
	from := s.currentSnapshot()
	home := s.config.Database
	if databases := known.databases(); len(databases) > 0 {
		home = databases[0]
	}
	roles, err := s.rosterOf(ctx, from, home)
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
		found, err := s.contentsOf(ctx, from, database)
		if err != nil {
			return nil, fmt.Errorf("database %s: %w", database, err)
		}
		role.Databases[database] = found.privileges(role, known.in(database))
	}
	return role, nil
}

func (s *Server) currentSnapshot() *snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.snapshot
}

// forget drops what was read: something is about to change, or may have.
func (s *Server) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.snapshot = newSnapshot()
}
