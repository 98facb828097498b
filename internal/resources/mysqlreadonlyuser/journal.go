// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysqlreadonlyuser

import (
	"context"
	"errors"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mysql"
	"github.com/terrascale/terraform-provider-terrascale/internal/journal"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// createRecorded makes a user that the journal knows of before the server does. One that a killed run left on the server, with
// a password that nobody has, is dropped first. The entry is to be handed over once the user is in the state.
func (r *Resource) createRecorded(
	ctx context.Context, server users, user mysql.User, password secret.String,
) (observed *mysql.Observed, entry *journal.Entry, dropped bool, err error) {
	return journal.Make(ctx, r.data.Journal, r.recordOf(server, user),
		journal.Outcomes{Exists: mysql.ErrUserExists, MayBeLeft: mysql.ErrMayBeLeft},
		func() (*mysql.Observed, error) { return server.CreateUser(ctx, user, password) },
		func() error {
			// No more than what such a run makes.
			left := mysql.User{Name: user.Login, Host: user.Host, Login: user.Login, TerminateSessions: true}
			if err := server.DropUser(ctx, left); !errors.Is(err, mysql.ErrUserNotFound) {
				return err
			}
			return nil
		})
}

// updateRecorded updates a user. A login that a killed run made when rotation was turned on is taken over.
func (r *Resource) updateRecorded(
	ctx context.Context, server users, known, user mysql.User, password secret.String,
) (digest string, entry *journal.Entry, err error) {
	if user.Rotated && !known.Rotated {
		entry = r.data.Journal.Begin(ctx, r.recordOf(server, user))
	}
	digest, err = server.UpdateUser(ctx, known, user, password)
	if entry != nil && errors.Is(err, mysql.ErrUserExists) {
		isLeftover := false
		resolved := r.data.Journal.Resolve(ctx, journal.MySQLUser, server.Address(), key(user), func(journal.Record) (done bool) {
			isLeftover = true
			return true
		})
		err = errors.Join(err, resolved)
		if isLeftover && resolved == nil {
			// Both logins are known to be this user's then.
			known.Rotated = true
			digest, err = server.UpdateUser(ctx, known, user, password)
		}
	}
	if err != nil {
		entry.Failed(ctx, err, mysql.ErrMayBeLeft)
		return "", nil, err
	}
	return digest, entry, nil
}

// recordOf is what the journal is to know of a user that is about to be made.
func (r *Resource) recordOf(server users, user mysql.User) journal.Record {
	return journal.Record{
		Kind: journal.MySQLUser, Scope: server.Address(), Name: key(user), Began: r.data.Clock(), ID: key(user),
	}
}

// key names who logs in for a user on its server.
func key(user mysql.User) string { return user.Login + "@" + user.Host }

// forgetSaved ends the record of a user that the state has.
func (r *Resource) forgetSaved(server users, user mysql.User) {
	r.data.Journal.Forget(journal.MySQLUser, server.Address(), key(user))
}
