// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// The servers have no transactions of users and privileges. So that a run that ends between two statements leaves less access and
// never more, a new user is locked until it has all it is to have, what goes is taken before what comes is given, and a login
// that ends is locked before anything else.

// ReadUser reads a user, as it was last known to be; where its login is not known (an import), whoever is there. One that is not
// there is ErrUserNotFound. Users that are read together share what is read.
func (s *Server) ReadUser(ctx context.Context, known User) (*Observed, error) {
	r, err := s.roster(ctx)
	if err != nil {
		return nil, err
	}
	observed, err := r.observe(known)
	if err == nil && known.isImported() {
		observed.there, err = s.databases(ctx)
	}
	return observed, err
}

// CreateUser makes a user with its privileges, and gives what came of it. One that is there already is ErrUserExists, and is left
// as it is. When it can't be made in full, what was made is removed.
func (s *Server) CreateUser(ctx context.Context, user User, password secret.String) (*Observed, error) {
	if err := s.checkTarget(user); err != nil {
		return nil, err
	}
	r, err := s.rosterNow(ctx)
	if err != nil {
		return nil, err
	}
	for _, member := range user.members() {
		if _, exists := r.accounts[user.at(member)]; exists {
			return nil, fmt.Errorf("%w: %s", ErrUserExists, user.at(member))
		}
	}
	if err := s.checkObjects(ctx, r.product, user.Grants); err != nil {
		return nil, err
	}
	s.forget()
	defer s.forget()
	if err := s.makeLogin(ctx, r.product, user, newVerifier(r.product.isMariaDB, password)); err != nil {
		return nil, err
	}
	r, err = s.rosterNow(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrMayBeLeft)
	}
	observed, err := r.observe(user)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrMayBeLeft)
	}
	return observed, nil
}

// makeLogin makes who logs in for a user that has no such login yet, or nothing.
func (s *Server) makeLogin(ctx context.Context, on product, user User, v verifier) error {
	who := user.at(user.Login)
	err := s.execute(ctx, v.text, createLocked(who, user, on.isMariaDB, v))
	if code(err) == codeCannotUser {
		return fmt.Errorf("%w: %s", ErrUserExists, who)
	}
	if err != nil && code(err) == 0 {
		return fmt.Errorf("make user %s: %w: %w", who, err, ErrMayBeLeft)
	}
	if err != nil {
		return fmt.Errorf("make user %s: %w", who, err)
	}
	if err := s.execute(ctx, secret.String{}, append(grant(who, user.wanted()), unlock(who))...); err != nil {
		return errors.Join(fmt.Errorf("grant privileges to user %s: %w", who, err), s.undo(ctx, who))
	}
	return nil
}

// undoTimeout is the longest that taking half a user back may take.
const undoTimeout = 15 * time.Second

// undo drops half a user, which is worse than none. The caller's context may be the reason why it is half.
func (s *Server) undo(ctx context.Context, who account) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
	defer cancel()
	if err := s.execute(ctx, secret.String{}, drop(who)); err != nil {
		return fmt.Errorf("drop user %s: %w: %w", who, err, ErrMayBeLeft)
	}
	return nil
}

// DropUser drops a user, after its sessions where that is wanted. It fails, naming them, when the user is the definer of objects.
// One that is not there is ErrUserNotFound.
func (s *Server) DropUser(ctx context.Context, user User) error {
	if err := s.checkTarget(user); err != nil {
		return err
	}
	s.forget()
	defer s.forget()
	r, err := s.rosterNow(ctx)
	if err != nil {
		return err
	}
	found, err := r.observe(user)
	if err != nil {
		return err
	}
	var members []account
	for _, member := range found.Members() {
		members = append(members, user.at(member))
	}
	if err := s.checkDefiner(ctx, members...); err != nil {
		return err
	}
	for _, who := range members {
		if err := s.end(ctx, who, user.TerminateSessions); err != nil {
			return err
		}
		if err := s.execute(ctx, secret.String{}, drop(who)); err != nil && code(err) != codeCannotUser {
			return fmt.Errorf("drop user %s: %w", who, err)
		}
	}
	return nil
}

// checkTarget refuses users that are not to be changed: the provider would lock itself out.
func (s *Server) checkTarget(user User) error {
	if slices.Contains(user.members(), s.config.Username) {
		return fmt.Errorf("%w: %s", ErrOwnUser, s.config.Username)
	}
	return nil
}
