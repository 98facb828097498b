// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/jackc/pgx/v5"
)

// ErrSessionsLeft says that sessions were told to end, and had not when that was looked at last.
var ErrSessionsLeft = errors.New("sessions are still open")

// ErrOwnSessions says that the provider was asked to end its own sessions.
var ErrOwnSessions = errors.New("the provider logs in as this role itself")

// sessionsLast is how long sessions may take to end: one that waits for a disk ends after that.
const sessionsLast = 10 * time.Second

// sessionPIDsQuery reads the sessions of some roles.
const sessionPIDsQuery = `
SELECT a.usename::text, a.pid FROM pg_catalog.pg_stat_activity a WHERE a.usename = ANY ($1::text[]) AND a.pid <> pg_catalog.pg_backend_pid()`

// EndSessions ends the sessions of a role, of one with two logins those of both, and gives how many there were of each login. It returns when they
// are gone; what connects meanwhile is not looked at.
func (s *Server) EndSessions(ctx context.Context, name string) (map[string]int, error) {
	roles, err := s.rosterOf(ctx, s.config.Database)
	if err != nil {
		return nil, err
	}
	role, err := roles.observe(name)
	if err != nil {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(role.Members))
	if slices.Contains(names, s.config.Username) {
		return nil, fmt.Errorf("%w: %s", ErrOwnSessions, s.config.Username)
	}
	open, err := s.sessionsOf(ctx, names)
	if err != nil {
		return nil, err
	}
	ended := map[string]int{}
	for _, owner := range open {
		ended[owner]++
	}
	if err := s.endSessions(ctx, slices.Sorted(maps.Keys(ended))); err != nil {
		return nil, err
	}
	_, err = backoff.Retry(ctx, func() (struct{}, error) {
		now, err := s.sessionsOf(ctx, names)
		if err != nil {
			return struct{}{}, backoff.Permanent(err)
		}
		maps.DeleteFunc(now, func(pid int32, _ string) bool { return open[pid] == "" })
		if len(now) > 0 {
			return struct{}{}, fmt.Errorf("%w: %d of %s", ErrSessionsLeft, len(now), name)
		}
		return struct{}{}, nil
	}, backoff.WithMaxElapsedTime(sessionsLast))
	return ended, err
}

// sessionsOf gives whose each session is, by its process.
func (s *Server) sessionsOf(ctx context.Context, names []string) (map[int32]string, error) {
	found := map[int32]string{}
	var owner string
	var pid int32
	err := s.read(ctx, s.config.Database, func(q querier) error {
		return read(ctx, q, reading{sessionPIDsQuery, []any{names}, func(rows pgx.Rows) error {
			_, err := pgx.ForEachRow(rows, []any{&owner, &pid}, func() error {
				found[pid] = owner
				return nil
			})
			return err
		}})
	})
	return found, err
}
