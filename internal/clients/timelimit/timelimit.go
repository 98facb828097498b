// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package timelimit ends what callers of the database clients give no time limit.
package timelimit

import (
	"context"
	"time"
)

// Default is how long something may take that nobody limits.
const Default = 5 * time.Minute

// Bound gives a context that ends: with the caller's time limit, or after Default where that has none.
func Bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, Default)
}
