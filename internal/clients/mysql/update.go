// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"context"
	"fmt"
	"slices"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// update brings one user to what is wanted.
type update struct {
	server  *Server
	product product
	want    User
	// accounts and grants are what the server has of the members, under their names to be.
	accounts map[string]kept
	grants   map[string][]Grant
	// reading is what lets them read, of their own or through roles.
	reading map[string][]Grant
	// current is who logged in until now, under its name to be.
	current string
}

// UpdateUser brings a user, as it was last known to be, to what is wanted, another name and host included: who logs in is unlocked,
// a previous login that is wanted is left as it is, and any other is locked, or dropped where the user is to have no such login.
// A password that is not empty becomes the login's, and its digest is given.
func (s *Server) UpdateUser(ctx context.Context, known, want User, password secret.String) (digest string, err error) {
	if err := s.checkTarget(want); err != nil {
		return "", err
	}
	s.forget()
	defer s.forget()
	r, err := s.rosterNow(ctx)
	if err != nil {
		return "", err
	}
	if err := s.checkObjects(ctx, r.product, want.Grants); err != nil {
		return "", err
	}
	u := &update{
		server: s, product: r.product, want: want,
		accounts: map[string]kept{}, grants: map[string][]Grant{}, reading: map[string][]Grant{},
	}
	if known.Login != "" {
		u.current = known.renamed(known.Login, want.Name)
	}
	if err := u.take(ctx, r, known); err != nil {
		return "", err
	}
	for _, member := range u.superseded() {
		if member != u.current {
			if err := u.retire(ctx, member); err != nil {
				return "", err
			}
		}
	}
	var v verifier
	if !password.IsEmpty() {
		v = newVerifier(r.product.isMariaDB, password)
		digest = v.digest()
	}
	if err := u.enable(ctx, v); err != nil {
		return "", err
	}
	if err := u.settle(ctx); err != nil {
		return "", fmt.Errorf("%w: %w", err, ErrMayBeLeft)
	}
	return digest, nil
}

// settle does what is left once the login is enabled. Who logged in until now ends last: whoever takes the new password finds it
// working by then.
func (u *update) settle(ctx context.Context) error {
	if _, exists := u.accounts[u.want.Previous]; exists {
		if err := u.converge(ctx, u.want.Previous, verifier{}); err != nil {
			return err
		}
	}
	if slices.Contains(u.superseded(), u.current) {
		return u.retire(ctx, u.current)
	}
	return nil
}

// take gives the members their names to be. One that has its own already was given it by a run that was killed then. A login that
// the user did not have until now may be left of such a run where it is locked; else it is somebody's.
func (u *update) take(ctx context.Context, r *roster, known User) error {
	for _, member := range known.members() {
		to := known.renamed(member, u.want.Name)
		old, is := known.at(member), u.want.at(to)
		if _, exists := r.accounts[old]; exists && old != is {
			if err := u.rename(ctx, old, is); err != nil {
				return err
			}
			u.keep(r, to, old)
			continue
		}
		u.keep(r, to, is)
	}
	for _, member := range u.want.members() {
		if _, known := u.accounts[member]; known {
			continue
		}
		who := u.want.at(member)
		if found, exists := r.accounts[who]; exists && !found.locked && !slices.Contains(known.renamedMembers(u.want.Name), member) {
			return fmt.Errorf("%w: %s", ErrUserExists, who)
		}
		u.keep(r, member, who)
	}
	if len(u.accounts) == 0 {
		return fmt.Errorf("%w: %s", ErrUserNotFound, u.want.at(u.want.Name))
	}
	return nil
}

func (u *update) keep(r *roster, member string, who account) {
	if found, exists := r.accounts[who]; exists {
		u.accounts[member], u.grants[member], u.reading[member] = found, r.grants[who], r.readingOf(who)
	}
}

func (u *update) rename(ctx context.Context, from, to account) error {
	if err := u.server.checkDefiner(ctx, from); err != nil {
		return err
	}
	err := u.run(ctx, rename(from, to))
	if code(err) == codeCannotUser {
		return fmt.Errorf("%w: %s", ErrUserExists, to)
	}
	if err != nil {
		return fmt.Errorf("rename user %s: %w", from, err)
	}
	if from.host == to.host || !u.want.TerminateSessions || to.host == AnyHost {
		return nil
	}
	return u.server.terminate(ctx, account{from.user, from.host}, to.host)
}

// superseded lists the members that are there and are not to log in, sorted.
func (u *update) superseded() []string {
	var members []string
	for member := range u.accounts {
		if !u.want.isActive(member) {
			members = append(members, member)
		}
	}
	slices.Sort(members)
	return members
}

// retire locks a member, ends its sessions and takes its privileges; one that the user is not to have any more is dropped.
func (u *update) retire(ctx context.Context, member string) error {
	who := u.want.at(member)
	isKept := slices.Contains(u.want.members(), member)
	if isKept && u.accounts[member].locked && len(u.grants[member]) == 0 {
		return nil
	}
	if err := u.server.end(ctx, who, u.want.TerminateSessions); err != nil {
		return err
	}
	statements := revoke(who, u.grants[member], u.product.isMariaDB)
	if !isKept {
		if err := u.server.checkDefiner(ctx, who); err != nil {
			return err
		}
		statements = []statement{drop(who)}
	}
	if err := u.run(ctx, statements...); err != nil {
		return fmt.Errorf("end user %s: %w", who, err)
	}
	return nil
}

// enable makes or changes who logs in. Without a verifier the password in force stays.
func (u *update) enable(ctx context.Context, v verifier) error {
	login := u.want.Login
	have, exists := u.accounts[login]
	switch {
	case !exists && v.text.IsEmpty():
		return fmt.Errorf("%w: %s, and there is no password to make it with", ErrUserNotFound, u.want.at(login))
	case !exists:
		return u.server.makeLogin(ctx, u.product, u.want, v)
	case login != u.current && !v.text.IsEmpty():
		// It was idle or has just ended: whoever is logged in has an older password.
		if err := u.server.end(ctx, u.want.at(login), u.want.TerminateSessions); err != nil {
			return err
		}
		have.locked = true
	}
	if err := u.converge(ctx, login, v); err != nil {
		return err
	}
	if !have.locked {
		return nil
	}
	if err := u.run(ctx, unlock(u.want.at(login))); err != nil {
		return fmt.Errorf("unlock user %s: %w", u.want.at(login), err)
	}
	return nil
}

// converge brings what a member may do, and how it logs in, to what is wanted: what goes first, and last what comes. What could be
// read before, by a wildcard or through a role that goes, is granted before all else: whoever is logged in reads on.
func (u *update) converge(ctx context.Context, member string, v verifier) error {
	who, have, want := u.want.at(member), u.grants[member], u.want.wanted()
	surplus := slices.DeleteFunc(slices.Clone(have), func(g Grant) bool { return slices.Contains(want, g) })
	missing := slices.DeleteFunc(want, func(g Grant) bool { return slices.Contains(have, g) })
	first, last := []Grant{}, []Grant{}
	for _, g := range missing {
		if isRead(u.reading[member], g) {
			first = append(first, g)
		} else {
			last = append(last, g)
		}
	}
	statements := append(grant(who, first), revoke(who, surplus, u.product.isMariaDB)...)
	if !v.text.IsEmpty() {
		statements = append(statements, setPassword(who, u.product.isMariaDB, v))
	}
	kept := u.accounts[member]
	if kept.requiresTLS == nil || *kept.requiresTLS != u.want.RequireTLS || kept.maxUserConnections != u.want.MaxUserConnections {
		statements = append(statements, alterSettings(who, u.want))
	}
	statements = append(statements, grant(who, last)...)
	if err := u.server.execute(ctx, v.text, statements...); err != nil {
		return fmt.Errorf("change user %s: %w", who, err)
	}
	return nil
}

func (u *update) run(ctx context.Context, statements ...statement) error {
	return u.server.execute(ctx, secret.String{}, statements...)
}
