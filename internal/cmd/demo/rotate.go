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
	if err := d.run(ctx, "apply: a rotation", 0, "apply", "-auto-approve", "-input=false", "-no-color"); err != nil {
		return credentials{}, err
	}
	over := time.Now().Add(overlap)
	current, err := d.credentials(ctx)
	if err != nil {
		return credentials{}, err
	}
	say("\n==> check from outside: within the overlap of %s", overlap)
	if err := d.expectKey(ctx, http.MethodGet, current.key, http.StatusOK, "the new key can read"); err != nil {
		return credentials{}, err
	}
	if err := d.expectKey(ctx, http.MethodGet, old.key, http.StatusOK, "the old key can still read"); err != nil {
		return credentials{}, err
	}
	if err := expectLogin(ctx, current.database, "the new login in .env can read"); err != nil {
		return credentials{}, err
	}
	if err := expectLogin(ctx, old.database, "the old login can still read"); err != nil {
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
	if err := d.run(ctx, "apply: the overlap is over", 0, "apply", "-auto-approve", "-input=false", "-no-color"); err != nil {
		return credentials{}, err
	}
	say("\n==> check from outside: after the overlap")
	if err := d.expectKey(ctx, http.MethodGet, current.key, http.StatusOK, "the new key can read"); err != nil {
		return credentials{}, err
	}
	if err := d.expectKey(ctx, http.MethodGet, old.key, http.StatusUnauthorized, "the old key is revoked"); err != nil {
		return credentials{}, err
	}
	if err := expectLogin(ctx, current.database, "the new login can read"); err != nil {
		return credentials{}, err
	}
	if err := expectNoLogin(ctx, old.database, "the old login can't log in any more"); err != nil {
		return credentials{}, err
	}
	return current, d.run(ctx, "plan: no changes", 0, "plan", "-input=false", "-no-color", "-detailed-exitcode")
}
