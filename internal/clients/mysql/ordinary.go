// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"context"
	"slices"
	"strings"
)

// Login is a user as the server names it.
type Login struct{ Name, Host string }

// OrdinaryLogins lists, sorted, whom one could manage as read-only users: those who log in and can't make themselves superusers, but for the admin
// itself. Of a user with two logins, active in turn, it gives the user, where both are there.
func (s *Server) OrdinaryLogins(ctx context.Context) ([]Login, error) {
	found, err := s.ReviewLogins(ctx)
	if err != nil {
		return nil, err
	}
	r, err := s.roster(ctx)
	if err != nil {
		return nil, err
	}
	var logins []Login
	for _, login := range found.Logins {
		name, host, _ := cutLast(login.Name, "@")
		if login.Own || len(login.Superuser) > 0 || name == "" {
			continue
		}
		logins = append(logins, Login{r.userOf(account{name, host}), host})
	}
	slices.SortFunc(logins, func(a, b Login) int { return compareAccounts(account{a.Name, a.Host}, account{b.Name, b.Host}) })
	return slices.Compact(logins), nil
}

// userOf gives the user whose login an account is: its own name, unless that is one of two.
func (r *roster) userOf(login account) string {
	user := login.user
	for _, suffix := range Logins("") {
		user = strings.TrimSuffix(login.user, suffix)
		if user != login.user {
			break
		}
	}
	logins := Logins(user)
	_, isThere := r.accounts[account{user, login.host}]
	_, hasFirst := r.accounts[account{logins[0], login.host}]
	_, hasSecond := r.accounts[account{logins[1], login.host}]
	if isThere || !hasFirst || !hasSecond {
		return login.user
	}
	return user
}
