// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"net/http"
	"time"
)

// overlap is how long old and new credentials both work. A real one is days.
const overlap = 5 * time.Second

// rotate rotates the key and the role's password: old and new work within the overlap, and only the new ones after it.
func (d *demo) rotate(ctx context.Context, old credentials) (credentials, error) {
	d.workspace.Environment = append(d.workspace.Environment, "TF_VAR_rotate=the demo says so")
	if err := d.run(ctx, "apply a rotation", 0, "apply", "-auto-approve", "-input=false", "-no-color"); err != nil {
		return credentials{}, err
	}
	over := time.Now().Add(overlap)
	current, err := d.credentials(ctx)
	if err != nil {
		return credentials{}, err
	}
	say("\n==> within the overlap of %s, seen from outside", overlap)
	if err := d.expectKey(ctx, http.MethodGet, current.key, http.StatusOK, "the new key reads"); err != nil {
		return credentials{}, err
	}
	if err := d.expectKey(ctx, http.MethodGet, old.key, http.StatusOK, "the old key still reads"); err != nil {
		return credentials{}, err
	}
	if err := expectLogin(ctx, current.database, "the new login reads, by what .env holds now"); err != nil {
		return credentials{}, err
	}
	if err := expectLogin(ctx, old.database, "the old login still reads"); err != nil {
		return credentials{}, err
	}
	if err := d.expectChecked(ctx, current); err != nil {
		return credentials{}, err
	}
	select {
	case <-ctx.Done():
		return credentials{}, ctx.Err()
	case <-time.After(time.Until(over)):
	}
	if err := d.run(ctx, "apply after the overlap", 0, "apply", "-auto-approve", "-input=false", "-no-color"); err != nil {
		return credentials{}, err
	}
	say("\n==> after the overlap, seen from outside")
	if err := d.expectKey(ctx, http.MethodGet, current.key, http.StatusOK, "the new key reads"); err != nil {
		return credentials{}, err
	}
	if err := d.expectKey(ctx, http.MethodGet, old.key, http.StatusUnauthorized, "the old key is dead"); err != nil {
		return credentials{}, err
	}
	if err := expectLogin(ctx, current.database, "the new login reads"); err != nil {
		return credentials{}, err
	}
	if err := expectNoLogin(ctx, old.database, "the old login is refused"); err != nil {
		return credentials{}, err
	}
	return current, d.run(ctx, "plan: no changes", 0, "plan", "-input=false", "-no-color", "-detailed-exitcode")
}
