// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// ErrSessionsLeft says that sessions were told to end, and had not when that was looked at last.
var ErrSessionsLeft = errors.New("sessions are still open")

// sessionsLast is how long sessions may take to end: one that undoes a big transaction ends after that.
const sessionsLast = 10 * time.Second

// EndSessions ends the sessions of a user, of one with two logins those of both, wherever they come from, and gives how many there were of each
// login. It returns when they are gone; what connects meanwhile is not looked at.
func (s *Server) EndSessions(ctx context.Context, name string) (map[string]int, error) {
	if err := s.checkSeesSessions(ctx); err != nil {
		return nil, err
	}
	r, err := s.roster(ctx)
	if err != nil {
		return nil, err
	}
	var users []string
	logins := Logins(name)
	for who := range r.accounts {
		if who.user == name || slices.Contains(logins[:], who.user) {
			users = append(users, who.user)
		}
	}
	slices.Sort(users)
	users = slices.Compact(users)
	switch {
	case len(users) == 0:
		return nil, fmt.Errorf("%w: %s", ErrUserNotFound, name)
	case slices.Contains(users, s.config.Username):
		return nil, fmt.Errorf("%w: %s", ErrOwnUser, s.config.Username)
	}
	ended := map[string]int{}
	var killed []string
	for _, user := range users {
		sessions, err := s.sessionsOf(ctx, account{user, AnyHost}, AnyHost)
		if err != nil {
			return nil, err
		}
		if err := s.kill(ctx, account{user, AnyHost}, sessions); err != nil {
			return nil, err
		}
		if len(sessions) > 0 {
			ended[user] = len(sessions)
		}
		killed = append(killed, sessions...)
	}
	_, err = backoff.Retry(ctx, func() (struct{}, error) {
		left := 0
		for _, user := range users {
			now, err := s.sessionsOf(ctx, account{user, AnyHost}, AnyHost)
			if err != nil {
				return struct{}{}, backoff.Permanent(err)
			}
			left += len(slices.DeleteFunc(now, func(session string) bool { return !slices.Contains(killed, session) }))
		}
		if left > 0 {
			return struct{}{}, fmt.Errorf("%w: %d of %s", ErrSessionsLeft, left, name)
		}
		return struct{}{}, nil
	}, backoff.WithMaxElapsedTime(sessionsLast))
	return ended, err
}
