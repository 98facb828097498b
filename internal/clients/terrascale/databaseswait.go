// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	firstPoll = 500 * time.Millisecond
	// longestPoll is how long a wait goes without a look, at most.
	longestPoll = 10 * time.Second
)

// ErrNotActive means that something that was made can't be used, or not yet.
var ErrNotActive = errors.New("it did not become Active")

// NotActiveError says in which status something was seen last. It is ErrNotActive, and Cause where there is one.
type NotActiveError struct {
	// What names the thing, such as "database db_1". Status is the last one that the service told.
	What, Status string
	// Waited is how long.
	Waited time.Duration
	// Cause is why the wait ended: the context's error, or nil when the status is one that nothing leads out of.
	Cause error
}

// Error names the last status.
func (e *NotActiveError) Error() string {
	text := fmt.Sprintf("%s is %s after %s", e.What, e.Status, e.Waited.Round(time.Second))
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

// Unwrap gives ErrNotActive and the cause.
func (e *NotActiveError) Unwrap() []error {
	if e.Cause == nil {
		return []error{ErrNotActive}
	}
	return []error{ErrNotActive, e.Cause}
}

// WaitForDatabase reads a database until its status is StatusActive, and gives each reading to seen. A *NotActiveError when the
// context ends before, or when the database is StatusError or StatusDeleting; ErrNotFound when it vanishes.
func (c *Client) WaitForDatabase(ctx context.Context, databaseID string, seen func(Database)) (Database, error) {
	return waitForActive(ctx, c, "database "+databaseID,
		func(ctx context.Context) (Database, error) { return c.GetDatabase(ctx, databaseID) },
		func(database Database) string {
			seen(database)
			return database.Status
		})
}

// WaitForRepository is WaitForDatabase for a repository. One without a status is active.
func (c *Client) WaitForRepository(ctx context.Context, databaseID, repositoryID string, seen func(Repository)) (Repository, error) {
	return waitForActive(ctx, c, "repository "+repositoryID,
		func(ctx context.Context) (Repository, error) { return c.GetRepository(ctx, databaseID, repositoryID) },
		func(repository Repository) string {
			seen(repository)
			if repository.Status == "" {
				return StatusActive
			}
			return repository.Status
		})
}

func waitForActive[T any](
	ctx context.Context, c *Client, what string, read func(context.Context) (T, error), statusOf func(T) string,
) (T, error) {
	began := c.config.Clock()
	last := StatusCreating
	for poll := firstPoll; ; poll = min(poll*3/2, longestPoll) {
		found, err := read(ctx)
		switch {
		case err != nil && ctx.Err() != nil:
			return found, &NotActiveError{What: what, Status: last, Waited: c.config.Clock().Sub(began), Cause: ctx.Err()}
		case err != nil:
			return found, err
		}
		switch last = statusOf(found); last {
		case StatusActive:
			return found, nil
		case StatusError, StatusDeleting:
			return found, &NotActiveError{What: what, Status: last, Waited: c.config.Clock().Sub(began)}
		}
		if err := c.waitToPoll(ctx, poll); err != nil {
			return found, &NotActiveError{What: what, Status: last, Waited: c.config.Clock().Sub(began), Cause: err}
		}
	}
}

// WaitForDatabaseGone reads a database that was deleted until it is not there any more.
func (c *Client) WaitForDatabaseGone(ctx context.Context, databaseID string) error {
	for poll := firstPoll; ; poll = min(poll*3/2, longestPoll) {
		database, err := c.GetDatabase(ctx, databaseID)
		switch {
		case errors.Is(err, ErrNotFound):
			return nil
		case err != nil:
			return err
		}
		if err := c.waitToPoll(ctx, poll); err != nil {
			return fmt.Errorf("database %s was deleted and is still listed as %s: %w", databaseID, database.Status, err)
		}
	}
}

// waitToPoll waits, or gives the error of a context that ends meanwhile.
func (c *Client) waitToPoll(ctx context.Context, poll time.Duration) error {
	timer := time.NewTimer(c.pause(poll))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
