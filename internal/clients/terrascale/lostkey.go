// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	// createAttempts is how often a key is tried to be made when answers are lost.
	createAttempts = 2
	// clockDifference is how far the service's clock may be from ours.
	clockDifference = 5 * time.Minute
	// ownClockAhead is how far our clock may be ahead where a key is looked for: those that were there before are known by their ids.
	ownClockAhead = time.Hour + clockDifference
	// searchAfterCancel bounds the search for a lost key when the call itself was cancelled.
	searchAfterCancel = 10 * time.Second
	// killedCallAtMost is the longest that a call, of a run that was killed, is taken to have waited before the service got it.
	killedCallAtMost = time.Hour
)

// ErrNothingLeft means that a key was not made: each answer was lost, and what came of the calls was revoked.
var ErrNothingLeft = errors.New("nothing is left of the calls whose answers were lost")

// ErrRunKilled means that a run was killed, or lost its connection, between the making of a key and the saving of its secret.
var ErrRunKilled = errors.New("an earlier run ended while it made an API key")

// ErrKeyInUse means that the key of a killed run was used since: somebody has its secret.
var ErrKeyInUse = errors.New("the key was used since, so that somebody has its secret")

// KeyAttempt is one call that makes a key: as much of it as tells later what came of it.
type KeyAttempt struct {
	Name   string
	Scopes []string
	// Began is when, by our clock.
	Began time.Time
	// NotBefore is the earliest time at which it can have been carried out, by the service's clock; zero where that is not known.
	NotBefore time.Time
	// Known are the ids of the keys of that name that were there before, as far as they could be taken for it.
	Known []string
	// ID is the key that came of it, where that is known.
	ID string
	// until is when it can't have been carried out any more; zero while that is now.
	until time.Time
}

// LostKeyError says that there may be a key whose secret nobody has, since the answer to its creation was lost, or the run
// that made it killed, and what came of it can't be told or can't be revoked. It is ErrAnswerLost or ErrRunKilled.
type LostKeyError struct {
	// Candidates are the keys of which one, or none, came of the call. There is none when the keys could not be listed.
	Candidates []APIKey
	// Cause is how the key was lost, and Obstacle what stood in the way of the search; Obstacle is nil when there are
	// several candidates.
	Cause, Obstacle error
}

// Error names the candidates.
func (e *LostKeyError) Error() string {
	names := make([]string, len(e.Candidates))
	for index, key := range e.Candidates {
		names[index] = fmt.Sprintf("%s (created %s)", key.ID, key.CreatedAt.UTC().Format(time.RFC3339))
	}
	list := strings.Join(names, ", ")
	switch {
	case len(e.Candidates) == 0:
		return fmt.Sprintf("%s; the keys can't be listed to find what came of it: %s", e.Cause, e.Obstacle)
	case len(e.Candidates) == 1:
		return fmt.Sprintf("%s; key %s came of it and can't be revoked: %s", e.Cause, list, e.Obstacle)
	default:
		return fmt.Sprintf("%s; it can't be told which of these keys came of it: %s", e.Cause, list)
	}
}

// Unwrap gives both errors.
func (e *LostKeyError) Unwrap() []error {
	if e.Obstacle == nil {
		return []error{e.Cause}
	}
	return []error{e.Cause, e.Obstacle}
}

// CreateAPIKey makes a key in the active organization, and leaves none behind that nobody has the secret of. The call itself
// can't be repeated: names are not unique, and the secret is shown once. So when its answer is lost, the key that came into
// being is looked for among those that were not listed before, and revoked, and a key is made once more. It is a
// *LostKeyError when that can't be told, and ErrNothingLeft when every answer was lost.
//
// A key of the same name and scopes that another process makes at the same time, and that nobody has used yet, is taken for
// the lost one where that was never made.
func (c *Client) CreateAPIKey(ctx context.Context, key NewAPIKey) (CreatedAPIKey, error) {
	return c.CreateRecordedAPIKey(ctx, key, func(KeyAttempt) {})
}

// CreateRecordedAPIKey is CreateAPIKey for a caller that may be killed: record gets each attempt before it is made. Of the
// attempts before the last nothing is left. RevokeLeftover takes what was recorded.
func (c *Client) CreateRecordedAPIKey(ctx context.Context, key NewAPIKey, record func(KeyAttempt)) (CreatedAPIKey, error) {
	done, err := c.enter(ctx, "create API key", key.Name)
	if err != nil {
		return CreatedAPIKey{}, err
	}
	defer done()
	var lost error
	for range createAttempts {
		attempt, err := c.newAttempt(ctx, key)
		if err != nil {
			return CreatedAPIKey{}, err
		}
		record(attempt)
		created, err := c.createAPIKey(ctx, key)
		if !errors.Is(err, ErrAnswerLost) {
			return created, err
		}
		lost = err
		if _, err := c.revokeLost(ctx, attempt, lost); err != nil {
			return CreatedAPIKey{}, err
		}
		if ctx.Err() != nil {
			break
		}
	}
	return CreatedAPIKey{}, fmt.Errorf("%w: %w", ErrNothingLeft, lost)
}

// enter admits one creation at a time through a gate, so that none takes what came of another for what it lost. A key's gate is
// its name.
func (c *Client) enter(ctx context.Context, call string, gate any) (done func(), err error) {
	entry, _ := c.creating.LoadOrStore(gate, make(chan struct{}, 1))
	one, ok := entry.(chan struct{})
	if !ok {
		return nil, fmt.Errorf("unable to %s: unexpected gate %T", call, entry)
	}
	select {
	case one <- struct{}{}:
		return func() { <-one }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("unable to %s: %w", call, ctx.Err())
	}
}

// RevokeLeftover revokes the key that came of an attempt of a run that was killed, and returns it; nil where there is none.
// inUse are the ids of keys that are known not to be left over. It is told like the key of a lost answer, and is a *LostKeyError
// where it can't be told or revoked. An attempt with an ID leaves nothing to tell: it is ErrKeyInUse when that key was used.
func (c *Client) RevokeLeftover(ctx context.Context, attempt KeyAttempt, inUse ...string) (*APIKey, error) {
	attempt.Known = slices.Concat(attempt.Known, inUse)
	attempt.until = attempt.Began.Add(killedCallAtMost)
	return c.revokeLost(ctx, attempt, fmt.Errorf("unable to clean up API key %q: %w", attempt.Name, ErrRunKilled))
}

// revokeLost revokes the key that came of an attempt whose outcome was lost, and returns it.
func (c *Client) revokeLost(ctx context.Context, attempt KeyAttempt, lost error) (*APIKey, error) {
	if ctx.Err() != nil {
		// Whoever cancelled would not want a key that works and is known to nobody.
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), searchAfterCancel)
		defer cancel()
		ctx = bounded
	}
	after, err := c.ListAPIKeys(ctx)
	if err != nil {
		return nil, &LostKeyError{Cause: lost, Obstacle: err}
	}
	now := c.config.Clock()
	candidates := slices.DeleteFunc(after, func(key APIKey) bool { return !attempt.mayHaveMade(key, now) })
	switch {
	case len(candidates) == 0:
		return nil, nil
	case len(candidates) > 1:
		return nil, &LostKeyError{Candidates: candidates, Cause: lost}
	case candidates[0].LastUsedAt != nil:
		return nil, &LostKeyError{Candidates: candidates, Cause: lost, Obstacle: ErrKeyInUse}
	}
	if err := c.RevokeAPIKey(ctx, candidates[0].ID); err != nil && !errors.Is(err, ErrNotFound) {
		return nil, &LostKeyError{Candidates: candidates, Cause: lost, Obstacle: err}
	}
	return &candidates[0], nil
}

// mayHaveMade reports whether a key that is not revoked could have come of the attempt. Nobody has its secret, so that nobody
// has used it: where only its looks tell, one that was used is another. What a killed run left, and has expired, needs nothing.
func (a KeyAttempt) mayHaveMade(key APIKey, now time.Time) bool {
	isOver := key.Revoked || !a.until.IsZero() && key.Status(now) == KeyExpired
	if isOver || slices.Contains(a.Known, key.ID) {
		return false
	}
	if a.ID != "" {
		return key.ID == a.ID
	}
	return key.Name == a.Name && slices.Equal(sorted(key.Scopes), sorted(a.Scopes)) && key.LastUsedAt == nil && a.isSince(key) &&
		(a.until.IsZero() || !key.CreatedAt.After(a.until.Add(clockDifference)))
}

// isSince reports whether a key may have been made since the attempt began.
func (a KeyAttempt) isSince(key APIKey) bool {
	return !key.CreatedAt.Before(a.Began.Add(-ownClockAhead)) && !key.CreatedAt.Before(a.NotBefore)
}

func sorted(texts []string) []string { return slices.Sorted(slices.Values(texts)) }
