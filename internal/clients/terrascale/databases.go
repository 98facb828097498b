// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

//nolint:bodyclose // attemptTransport has read and closed every body already.
package terrascale

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale/api"
)

// The status of a database or repository that is being made, can be used, or could not be made or kept up. There are others.
const (
	StatusCreating = "Creating"
	StatusActive   = "Active"
	StatusDeleting = "Deleting"
	StatusError    = "Error"
)

// ErrNotMade means that nothing came of a creation whose answers were all lost.
var ErrNotMade = errors.New("nothing came of the calls whose answers were lost")

const databasePageSize = 100

// Database is a database of the active organization.
type Database struct {
	ID, Name, Region, Status string
	CreatedAt                time.Time
	// Settings is a JSON object; nil when the service names none.
	Settings json.RawMessage
}

// NewDatabase is what a database is made of. Settings is a JSON object, or nil for the service's own.
type NewDatabase struct {
	Name, Region string
	Settings     json.RawMessage
}

// databaseBody is a database on the wire; settings stay as they are written.
type databaseBody struct {
	DatabaseID string          `json:"databaseId"`
	Name       string          `json:"name"`
	Region     string          `json:"region"`
	Status     string          `json:"status"`
	CreatedAt  time.Time       `json:"createdAt"`
	Settings   json.RawMessage `json:"settings"`
}

func (b databaseBody) database() Database {
	return Database{
		ID: b.DatabaseID, Name: b.Name, Region: b.Region, Status: b.Status, CreatedAt: b.CreatedAt, Settings: orNil(b.Settings),
	}
}

// orNil takes JSON's null, and an object without content, for nothing.
func orNil(value json.RawMessage) json.RawMessage {
	if text := string(value); text == "null" || text == "{}" {
		return nil
	}
	return value
}

// CreateDatabase makes a database, whose status is StatusCreating at first. ErrConflict when the name is taken. When the answer
// is lost, the database of that name and region that was made since is the one; if there is none, it is tried once more, and is
// ErrNotMade when that answer is lost, too.
func (c *Client) CreateDatabase(ctx context.Context, database NewDatabase) (Database, error) {
	began := c.config.Clock()
	return createNamed(ctx,
		func(ctx context.Context) (Database, error) { return c.createDatabase(ctx, database) },
		func(ctx context.Context) ([]Database, error) { return c.ListDatabases(ctx) },
		func(found Database) bool {
			return found.Name == database.Name && found.Region == database.Region &&
				!found.CreatedAt.Before(began.Add(-clockDifference))
		})
}

// createNamed makes something whose name is unique, so that it is found again when an answer is lost.
func createNamed[T any](
	ctx context.Context, create func(context.Context) (T, error), list func(context.Context) ([]T, error), isIt func(T) bool,
) (T, error) {
	var none T
	var lost error
	for range createAttempts {
		created, err := create(ctx)
		if !errors.Is(err, ErrAnswerLost) {
			return created, err
		}
		lost = err
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), searchAfterCancel)
		all, err := list(bounded)
		cancel()
		if err != nil {
			return none, fmt.Errorf("%w; what came of it can't be told: %w", lost, err)
		}
		for _, found := range all {
			if isIt(found) {
				return found, nil
			}
		}
		if ctx.Err() != nil {
			break
		}
	}
	return none, fmt.Errorf("%w: %w", ErrNotMade, lost)
}

func (c *Client) createDatabase(ctx context.Context, database NewDatabase) (Database, error) {
	ctx, op := c.begin(ctx, "create database", repeatRefused)
	body, err := jsonBody(struct {
		Name     string          `json:"name"`
		Region   string          `json:"region"`
		Settings json.RawMessage `json:"settings,omitempty"`
	}{database.Name, database.Region, database.Settings})
	if err != nil {
		return Database{}, op.broken(err)
	}
	response, err := c.authorized.CreateDatabaseWithBody(ctx, jsonContentType, body)
	return decodeDatabase(op, response, err, http.StatusCreated)
}

// GetDatabase reads a database. ErrNotFound when there is none.
func (c *Client) GetDatabase(ctx context.Context, databaseID string) (Database, error) {
	callerCtx := ctx
	ctx, op := c.begin(ctx, "read database", repeatAny)
	if err := op.checkSegment("database id", databaseID); err != nil {
		return Database{}, err
	}
	response, err := c.authorized.GetDatabase(ctx, databaseID)
	database, err := decodeDatabase(op, response, err, http.StatusOK)
	return database, op.confirmGone(err, c.listsDatabase(callerCtx, databaseID))
}

// ListDatabases returns every database of the active organization.
func (c *Client) ListDatabases(ctx context.Context) ([]Database, error) {
	return allPages(func(database Database) string { return database.ID }, func(cursor *string) ([]Database, *string, error) {
		ctx, op := c.begin(ctx, "list databases", repeatAny)
		limit := databasePageSize
		response, err := c.authorized.ListDatabases(ctx, &api.ListDatabasesParams{Limit: &limit, Cursor: cursor})
		page, err := decode[struct {
			Databases  []databaseBody `json:"databases"`
			NextCursor *string        `json:"nextCursor"`
		}](op, response, err, http.StatusOK)
		if err != nil {
			return nil, nil, err
		}
		if err := checkList(op, page.Databases, "databases"); err != nil {
			return nil, nil, err
		}
		databases := make([]Database, 0, len(page.Databases))
		for _, body := range page.Databases {
			if body.DatabaseID == "" {
				return nil, nil, op.invalid("it lists a database without a databaseId")
			}
			databases = append(databases, body.database())
		}
		return databases, page.NextCursor, nil
	})
}

// DeleteDatabase deletes a database and everything in it. ErrNotFound when there is none.
func (c *Client) DeleteDatabase(ctx context.Context, databaseID string) error {
	callerCtx := ctx
	ctx, op := c.begin(ctx, "delete database", repeatAny)
	if err := op.checkSegment("database id", databaseID); err != nil {
		return err
	}
	response, err := c.authorized.DeleteDatabase(ctx, databaseID)
	return deleted(op, response, err, c.listsDatabase(callerCtx, databaseID))
}

func (c *Client) listsDatabase(ctx context.Context, id string) func() (bool, error) {
	return listed(ctx, c.looks.databases, "", c.ListDatabases, func(database Database) bool { return database.ID == id })
}

func decodeDatabase(op *operation, response *http.Response, err error, want int) (Database, error) {
	body, err := decode[databaseBody](op, response, err, want)
	if err != nil {
		return Database{}, err
	}
	if body.DatabaseID == "" {
		return Database{}, op.invalid("there is no databaseId in it")
	}
	return body.database(), nil
}
