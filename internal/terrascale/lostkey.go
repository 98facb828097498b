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
	// searchAfterCancel bounds the search for a lost key when the call itself was cancelled.
	searchAfterCancel = 10 * time.Second
)

// ErrNothingLeft means that a key was not made: each answer was lost, and what came of the calls was revoked.
var ErrNothingLeft = errors.New("nothing is left of the calls whose answers were lost")

// LostKeyError says that there may be a key whose secret nobody has, since the answer to its creation was lost and what
// came of it can't be told or can't be revoked. It is ErrAnswerLost.
type LostKeyError struct {
	// Candidates are the keys of which one, or none, came of the call. There is none when the keys could not be listed.
	Candidates []APIKey
	// Cause is how the answer was lost, and Obstacle what stood in the way of the search; Obstacle is nil when there are
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
	done, err := c.enterName(ctx, key.Name)
	if err != nil {
		return CreatedAPIKey{}, err
	}
	defer done()
	var lost error
	for range createAttempts {
		before, err := c.ListAPIKeys(ctx)
		if err != nil {
			return CreatedAPIKey{}, err
		}
		began := c.config.Clock()
		created, err := c.createAPIKey(ctx, key)
		if !errors.Is(err, ErrAnswerLost) {
			return created, err
		}
		lost = err
		if err := c.revokeLost(ctx, key, before, began, lost); err != nil {
			return CreatedAPIKey{}, err
		}
		if ctx.Err() != nil {
			break
		}
	}
	return CreatedAPIKey{}, fmt.Errorf("%w: %w", ErrNothingLeft, lost)
}

// enterName admits one creation of a name at a time, so that none takes the key of another for the one it lost.
func (c *Client) enterName(ctx context.Context, name string) (done func(), err error) {
	entry, _ := c.creating.LoadOrStore(name, make(chan struct{}, 1))
	gate, ok := entry.(chan struct{})
	if !ok {
		return nil, fmt.Errorf("unable to create API key: unexpected gate %T", entry)
	}
	select {
	case gate <- struct{}{}:
		return func() { <-gate }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("unable to create API key: %w", ctx.Err())
	}
}

// revokeLost revokes the key that came of a call whose answer was lost, if there is one.
func (c *Client) revokeLost(ctx context.Context, wanted NewAPIKey, before []APIKey, began time.Time, lost error) error {
	if ctx.Err() != nil {
		// Whoever cancelled would not want a key that works and is known to nobody.
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), searchAfterCancel)
		defer cancel()
		ctx = bounded
	}
	after, err := c.ListAPIKeys(ctx)
	if err != nil {
		return &LostKeyError{Cause: lost, Obstacle: err}
	}
	candidates := slices.DeleteFunc(after, func(key APIKey) bool {
		known := slices.ContainsFunc(before, func(other APIKey) bool { return other.ID == key.ID })
		return known || !mayBeLost(key, wanted, began)
	})
	switch len(candidates) {
	case 0:
		return nil
	case 1:
		if err := c.RevokeAPIKey(ctx, candidates[0].ID); err != nil && !errors.Is(err, ErrNotFound) {
			return &LostKeyError{Candidates: candidates, Cause: lost, Obstacle: err}
		}
		return nil
	default:
		return &LostKeyError{Candidates: candidates, Cause: lost}
	}
}

// mayBeLost reports whether a key could have come of a call that began at a time. Nobody has its secret, so that nobody has
// used it.
func mayBeLost(key APIKey, wanted NewAPIKey, began time.Time) bool {
	return key.Name == wanted.Name && slices.Equal(sorted(key.Scopes), sorted(wanted.Scopes)) &&
		!key.Revoked && key.LastUsedAt == nil && !key.CreatedAt.Before(began.Add(-clockDifference))
}

func sorted(texts []string) []string { return slices.Sorted(slices.Values(texts)) }
