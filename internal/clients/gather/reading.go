// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package gather

import (
	"context"
	"fmt"
	"time"
)

// Readings shares what is read anew among those who ask at the same time: no reading is older than the question of anybody who gets it.
// The zero value is ready for use.
type Readings[V any] struct{ group Group[*answer[V]] }

// NewReadings gives one that waits for others as a Group with these times does.
func NewReadings[V any](quiet, atMost time.Duration) *Readings[V] {
	return &Readings[V]{group: Group[*answer[V]]{Quiet: quiet, AtMost: atMost}}
}

type answer[V any] struct {
	value V
	err   error
}

// Get reads a key's value. What is given is shared, and not to be changed.
func (r *Readings[V]) Get(ctx context.Context, key string, read func(context.Context) (V, error)) (V, error) {
	own := &answer[V]{}
	r.group.Do(ctx, key, own, func(ctx context.Context, answers []*answer[V]) {
		value, err := read(ctx)
		for _, a := range answers {
			a.value, a.err = value, err
		}
	})
	if own.err != nil && ctx.Err() != nil {
		return own.value, fmt.Errorf("%w: %w", context.Cause(ctx), own.err)
	}
	return own.value, own.err
}
