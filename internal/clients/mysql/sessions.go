// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"context"
	"fmt"
	"slices"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// end locks a user, and then ends the sessions that it has, where that is wanted.
func (s *Server) end(ctx context.Context, who account, terminate bool) error {
	if terminate {
		if err := s.checkSeesSessions(ctx); err != nil {
			return err
		}
	}
	if err := s.execute(ctx, secret.String{}, lock(who)); err != nil {
		return fmt.Errorf("lock user %s: %w", who, err)
	}
	if !terminate {
		return nil
	}
	return s.terminate(ctx, who, AnyHost)
}

// terminate ends the sessions of a user, but for those whose clients may come from a host that is allowed now.
func (s *Server) terminate(ctx context.Context, who account, from string) error {
	sessions, err := s.sessionsOf(ctx, who, from)
	if err != nil {
		return err
	}
	return s.kill(ctx, who, sessions)
}

// sessionsOf gives the sessions of a user, but for those whose clients may come from a host that is allowed now.
func (s *Server) sessionsOf(ctx context.Context, who account, from string) ([]string, error) {
	const sessionsQuery = "SELECT ID, USER, HOST FROM information_schema.PROCESSLIST WHERE USER = "
	var sessions []string
	err := s.collect(ctx, statement(sessionsQuery+text(who.user)), 3, func(row []string) {
		// The server compares without case.
		if row[1] == who.user && cameFrom(who.host, row[2]) && (from == AnyHost || !cameFrom(from, row[2])) {
			sessions = append(sessions, row[0])
		}
	})
	if err != nil {
		return nil, fmt.Errorf("read the sessions of user %s: %w", who, err)
	}
	return sessions, nil
}

// kill ends sessions of a user.
func (s *Server) kill(ctx context.Context, who account, sessions []string) error {
	for _, session := range sessions {
		ending, err := kill(session)
		if err != nil {
			return err
		}
		// One that ended meanwhile is as wanted.
		if err := s.execute(ctx, secret.String{}, ending); err != nil && code(err) != codeNoSuchThread {
			return fmt.Errorf("end a session of user %s: %w", who, err)
		}
	}
	return nil
}

// checkSeesSessions fails where the server would show no sessions but the admin's own, as if there were none to end.
func (s *Server) checkSeesSessions(ctx context.Context) error {
	sees, err := s.seesSessions.Get(ctx, "", func(ctx context.Context) (bool, error) {
		on, err := s.product(ctx)
		if err != nil {
			return false, err
		}
		var lines []string
		if err := s.collect(ctx, "SHOW GRANTS", 1, func(row []string) { lines = append(lines, row[0]) }); err != nil {
			return false, err
		}
		grants, err := ParseGrants(lines)
		return slices.ContainsFunc(grants, on.givesProcess), err
	})
	if err != nil {
		return fmt.Errorf("read the admin's own privileges: %w", err)
	}
	if !sees {
		return fmt.Errorf("%w: without PROCESS it does not see the sessions that are to be ended", ErrNoRights)
	}
	return nil
}

// givesProcess reports whether a grant lets one see all sessions. MySQL does not say what a role gives: it may be that.
func (p product) givesProcess(g Grant) bool {
	isRole := g.Level == Role && !p.isMariaDB
	return isRole || g.Level == Global && (g.Privilege == "PROCESS" || g.Privilege == "ALL PRIVILEGES")
}
