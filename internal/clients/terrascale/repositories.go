// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

//nolint:bodyclose // attemptTransport has read and closed every body already.
package terrascale

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale/api"
)

const (
	jsonContentType    = "application/json"
	repositoryPageSize = 100
)

// FieldTypes are what a field of a repository can be.
var FieldTypes = []string{"string", "number", "boolean", "array", "object"}

// RepositoryField says what the values of a field are. What is nil is not restricted.
type RepositoryField struct {
	// Type is one of FieldTypes.
	Type      string   `json:"type"`
	Required  bool     `json:"required,omitempty"`
	MinLength *int64   `json:"minLength,omitempty"`
	MaxLength *int64   `json:"maxLength,omitempty"`
	Pattern   *string  `json:"pattern,omitempty"`
	Min       *float64 `json:"min,omitempty"`
	Max       *float64 `json:"max,omitempty"`
	// Default is a JSON value.
	Default    json.RawMessage            `json:"default,omitempty"`
	Items      *RepositoryField           `json:"items,omitempty"`
	MinItems   *int64                     `json:"minItems,omitempty"`
	MaxItems   *int64                     `json:"maxItems,omitempty"`
	Properties map[string]RepositoryField `json:"properties,omitempty"`
}

// Repository is a typed collection in a database.
type Repository struct {
	ID, DatabaseID, Name, EntityName string
	// Status is "" when the service does not say.
	Status    string
	CreatedAt time.Time
	// Schema is nil when the fields are free.
	Schema map[string]RepositoryField
}

// NewRepository is what a repository is made of. A nil Schema leaves the fields free.
type NewRepository struct {
	Name, EntityName string
	Schema           map[string]RepositoryField
}

// repositoryBody is a repository on the wire.
type repositoryBody struct {
	RepositoryID string                     `json:"repositoryId"`
	DatabaseID   string                     `json:"databaseId"`
	Name         string                     `json:"name"`
	EntityName   string                     `json:"entityName"`
	Status       string                     `json:"status"`
	CreatedAt    time.Time                  `json:"createdAt"`
	Schema       map[string]RepositoryField `json:"schema"`
}

func (b repositoryBody) repository() Repository {
	return Repository{
		ID: b.RepositoryID, DatabaseID: b.DatabaseID, Name: b.Name, EntityName: b.EntityName, Status: b.Status,
		CreatedAt: b.CreatedAt, Schema: b.Schema,
	}
}

// jsonBody gives the body of a request whose JSON the generated types would not keep as it is.
func jsonBody(value any) (io.Reader, error) {
	content, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidArgument, err)
	}
	return bytes.NewReader(content), nil
}

// CreateRepository makes a repository in a database. ErrConflict when the name is taken; a lost answer is dealt with as in
// CreateDatabase.
func (c *Client) CreateRepository(ctx context.Context, databaseID string, repository NewRepository) (Repository, error) {
	began := c.config.Clock()
	return createNamed(ctx,
		func(ctx context.Context) (Repository, error) { return c.createRepository(ctx, databaseID, repository) },
		func(ctx context.Context) ([]Repository, error) { return c.ListRepositories(ctx, databaseID) },
		func(found Repository) bool {
			return found.Name == repository.Name && found.EntityName == repository.EntityName &&
				!found.CreatedAt.Before(began.Add(-clockDifference))
		})
}

func (c *Client) createRepository(ctx context.Context, databaseID string, repository NewRepository) (Repository, error) {
	ctx, op := c.begin(ctx, "create repository", repeatRefused)
	if err := op.checkSegment("database id", databaseID); err != nil {
		return Repository{}, err
	}
	body, err := jsonBody(struct {
		Name       string                     `json:"name"`
		EntityName string                     `json:"entityName"`
		Schema     map[string]RepositoryField `json:"schema,omitempty"`
	}{repository.Name, repository.EntityName, repository.Schema})
	if err != nil {
		return Repository{}, op.broken(err)
	}
	response, err := c.authorized.CreateRepositoryWithBody(ctx, databaseID, jsonContentType, body)
	return decodeRepository(op, response, err, http.StatusCreated)
}

// GetRepository reads a repository. ErrNotFound when it, or its database, is not there.
func (c *Client) GetRepository(ctx context.Context, databaseID, repositoryID string) (Repository, error) {
	callerCtx := ctx
	ctx, op := c.begin(ctx, "read repository", repeatAny)
	if err := op.checkRepository(databaseID, repositoryID); err != nil {
		return Repository{}, err
	}
	response, err := c.authorized.GetRepository(ctx, databaseID, repositoryID)
	repository, err := decodeRepository(op, response, err, http.StatusOK)
	return repository, op.confirmGone(err, c.listsRepository(callerCtx, databaseID, repositoryID))
}

// ListRepositories returns every repository of a database.
func (c *Client) ListRepositories(ctx context.Context, databaseID string) ([]Repository, error) {
	callerCtx := ctx
	return allPages(func(r Repository) string { return r.ID }, func(cursor *string) ([]Repository, *string, error) {
		ctx, op := c.begin(ctx, "list repositories", repeatAny)
		if err := op.checkSegment("database id", databaseID); err != nil {
			return nil, nil, err
		}
		limit := repositoryPageSize
		response, err := c.authorized.ListRepositories(ctx, databaseID, &api.ListRepositoriesParams{Limit: &limit, Cursor: cursor})
		page, err := decode[struct {
			Repositories []repositoryBody `json:"repositories"`
			NextCursor   *string          `json:"nextCursor"`
		}](op, response, err, http.StatusOK)
		if err != nil {
			return nil, nil, op.confirmGone(err, c.listsDatabase(callerCtx, databaseID))
		}
		if err := checkList(op, page.Repositories, "repositories"); err != nil {
			return nil, nil, err
		}
		repositories := make([]Repository, 0, len(page.Repositories))
		for _, body := range page.Repositories {
			if body.RepositoryID == "" {
				return nil, nil, op.invalid("it lists a repository without a repositoryId")
			}
			repositories = append(repositories, body.repository())
		}
		return repositories, page.NextCursor, nil
	})
}

// DeleteRepository deletes a repository and its entities. ErrNotFound when there is none.
func (c *Client) DeleteRepository(ctx context.Context, databaseID, repositoryID string) error {
	callerCtx := ctx
	ctx, op := c.begin(ctx, "delete repository", repeatAny)
	if err := op.checkRepository(databaseID, repositoryID); err != nil {
		return err
	}
	response, err := c.authorized.DeleteRepository(ctx, databaseID, repositoryID)
	return deleted(op, response, err, c.listsRepository(callerCtx, databaseID, repositoryID))
}

func (c *Client) listsRepository(ctx context.Context, databaseID, id string) func() (bool, error) {
	return listed(ctx, c.looks.repositories, databaseID,
		func(ctx context.Context) ([]Repository, error) { return c.ListRepositories(ctx, databaseID) },
		func(repository Repository) bool { return repository.ID == id })
}

func (o *operation) checkRepository(databaseID, repositoryID string) error {
	if err := o.checkSegment("database id", databaseID); err != nil {
		return err
	}
	return o.checkSegment("repository id", repositoryID)
}

func decodeRepository(op *operation, response *http.Response, err error, want int) (Repository, error) {
	body, err := decode[repositoryBody](op, response, err, want)
	if err != nil {
		return Repository{}, err
	}
	if body.RepositoryID == "" {
		return Repository{}, op.invalid("there is no repositoryId in it")
	}
	return body.repository(), nil
}
