// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package redisreadonlyuser

import (
	"context"
	"errors"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/redis"
	"github.com/terrascale/terraform-provider-terrascale/internal/journal"
)

// createRecorded makes a user that the journal knows of before the server does. One that a killed run left on the server, with
// a password that nobody has, is dropped first. An error unsaved says that the server forgets the user when it restarts. The
// entry is to be handed over once the user is in the state.
func (r *Resource) createRecorded(
	ctx context.Context, server users, user redis.User, digest string,
) (unsaved error, entry *journal.Entry, dropped bool, err error) {
	record := journal.Record{
		Kind: journal.RedisUser, Scope: server.Address(), Name: user.Name, Began: r.data.Clock(), ID: user.Name,
	}
	return journal.Make(ctx, r.data.Journal, record,
		journal.Outcomes{Exists: redis.ErrUserExists, MayBeLeft: redis.ErrMayBeLeft},
		func() (unsaved error, err error) {
			err = server.CreateUser(ctx, user, []string{digest})
			if errors.Is(err, redis.ErrNotSaved) {
				return err, nil
			}
			return nil, err
		},
		func() error {
			err := server.DropUser(ctx, user.Name)
			if errors.Is(err, redis.ErrUserNotFound) || errors.Is(err, redis.ErrNotSaved) {
				return nil // It is gone; what is made in its place is to be saved, too.
			}
			return err
		})
}

// forgetSaved ends the record of a user that the state has.
func (r *Resource) forgetSaved(server users, name string) {
	r.data.Journal.Forget(journal.RedisUser, server.Address(), name)
}
