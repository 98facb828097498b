// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysqlreadonlyuser

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terrascale/terraform-provider-terrascale/internal/journal"
	"github.com/terrascale/terraform-provider-terrascale/internal/mysql"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// createRecorded makes a user that the journal knows of before the server does. One that a killed run left on the server, with
// a password that nobody has, is dropped first, with a warning. The entry is to be handed over once the user is in the state.
func (r *Resource) createRecorded(
	ctx context.Context, server users, user mysql.User, password secret.String,
) (observed *mysql.Observed, entry *journal.Entry, warnings diag.Diagnostics, err error) {
	entry = r.begin(ctx, server, user)
	observed, err = server.CreateUser(ctx, user, password)
	if errors.Is(err, mysql.ErrUserExists) {
		var dropped bool
		if dropped, err = r.dropLeftover(ctx, server, user, err); dropped {
			warnings.AddWarning("The user of a killed run was dropped", fmt.Sprintf(
				"MySQL user %q was made by a run that was killed before Terraform had saved it. Nobody has its password; it was "+
					"dropped and made anew.", user.Login))
			observed, err = server.CreateUser(ctx, user, password)
		}
	}
	if err != nil {
		settleFailed(ctx, entry, err)
		return nil, nil, warnings, err
	}
	return observed, entry, warnings, nil
}

// updateRecorded updates a user. A login that a killed run made when rotation was turned on is taken over.
func (r *Resource) updateRecorded(
	ctx context.Context, server users, known, user mysql.User, password secret.String,
) (digest string, entry *journal.Entry, err error) {
	if user.Rotated && !known.Rotated {
		entry = r.begin(ctx, server, user)
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
		settleFailed(ctx, entry, err)
		return "", nil, err
	}
	return digest, entry, nil
}

// settleFailed ends the record of what was not made. What may have been made all the same, the next run looks for.
func settleFailed(ctx context.Context, entry *journal.Entry, err error) {
	if !errors.Is(err, mysql.ErrMayBeLeft) {
		entry.Settle(ctx)
	}
}

func (r *Resource) begin(ctx context.Context, server users, user mysql.User) *journal.Entry {
	return r.data.Journal.Begin(ctx, journal.Record{
		Kind: journal.MySQLUser, Scope: server.Address(), Name: key(user), Began: r.data.Clock(), ID: key(user),
	})
}

// key names who logs in for a user on its server.
func key(user mysql.User) string { return user.Login + "@" + user.Host }

// dropLeftover drops a user that a killed run on this machine had begun to make. Without a record of that, the user is
// somebody's, and the error stays what it was.
func (r *Resource) dropLeftover(ctx context.Context, server users, user mysql.User, exists error) (dropped bool, err error) {
	err = exists
	// No more than what such a run makes.
	left := mysql.User{Name: user.Login, Host: user.Host, Login: user.Login, TerminateSessions: true}
	resolved := r.data.Journal.Resolve(ctx, journal.MySQLUser, server.Address(), key(user), func(journal.Record) (done bool) {
		if dropped {
			return true
		}
		if err = server.DropUser(ctx, left); err != nil && !errors.Is(err, mysql.ErrUserNotFound) {
			return false
		}
		dropped, err = true, nil
		return true
	})
	return dropped, errors.Join(err, resolved)
}

// forgetSaved ends the record of a user that the state has.
func (r *Resource) forgetSaved(ctx context.Context, server users, user mysql.User) {
	r.data.Journal.Forget(ctx, journal.MySQLUser, server.Address(), key(user))
}
