// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package journal

import (
	"context"
	"errors"
)

// Outcomes are the errors of making something that mean more than that it failed: it is there already, or nobody knows whether it was made.
type Outcomes struct{ Exists, MayBeLeft error }

// Make makes something that the journal knows of before the server does. When it fails with exists, and a run on this machine
// that was killed had begun to make the same, that is what is there: it is dropped, dropped is true, and it is made anew.
// Without a record, what is there is somebody's. The entry is to be handed over once what was made is saved.
func Make[T any](
	ctx context.Context, j *Journal, record Record, outcomes Outcomes, create func() (T, error), drop func() error,
) (made T, entry *Entry, dropped bool, err error) {
	entry = j.Begin(ctx, record)
	made, err = create()
	if errors.Is(err, outcomes.Exists) {
		resolved := j.Resolve(ctx, record.Kind, record.Scope, record.Name, func(Record) (done bool) {
			if !dropped {
				err = drop()
				dropped = err == nil
			}
			return dropped
		})
		err = errors.Join(err, resolved)
		if dropped && err == nil {
			made, err = create()
		}
	}
	if err != nil {
		entry.Failed(ctx, err, outcomes.MayBeLeft)
		entry = nil
	}
	return made, entry, dropped, err
}
