// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package journal

import (
	"context"
	"errors"
	"time"
)

// ClockDifference is how far the clock of a service may be from that of this machine.
const ClockDifference = 5 * time.Minute

// Since reports whether something that a service made at a time can have come of a record.
func (r Record) Since(made time.Time) bool { return !made.Before(r.Began.Add(-ClockDifference)) }

// Adopt makes something that the journal knows of before the service does. Where a run on this machine that was killed had begun to
// make the same, find looks for what came of that, and what it finds is taken over; nothing is made before it is known. The entry is to
// be handed over once what was made is saved. Where it fails with mayBeLeft, the next run looks for what came of this one.
func Adopt[T any](
	ctx context.Context, j *Journal, record Record, id func(T) string, find func(left Record) (found T, ok bool, err error),
	create func() (T, error), mayBeLeft error,
) (made T, entry *Entry, err error) {
	entry = j.Begin(ctx, record)
	isAdopted := false
	var lookErr error
	err = j.Resolve(ctx, record.Kind, record.Scope, record.Name, func(left Record) (done bool) {
		if isAdopted {
			return false // One is taken over; the next run asks about the others.
		}
		found, ok, findErr := find(left)
		if findErr != nil {
			lookErr = errors.Join(lookErr, findErr)
			return false
		}
		if ok {
			made, isAdopted = found, true
		}
		return true
	})
	err = errors.Join(err, lookErr)
	if err == nil && !isAdopted {
		made, err = create()
	}
	if err != nil {
		entry.Failed(ctx, err, mayBeLeft)
		return made, nil, err
	}
	entry.Made(ctx, id(made))
	return made, entry, nil
}
