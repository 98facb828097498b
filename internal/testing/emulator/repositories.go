// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator/store"
)

type repositoryBody struct {
	RepositoryID string          `json:"repositoryId"`
	DatabaseID   string          `json:"databaseId"`
	Name         string          `json:"name"`
	EntityName   string          `json:"entityName"`
	Status       string          `json:"status"`
	Schema       json.RawMessage `json:"schema"`
	ItemCount    int             `json:"itemCount"`
	CreatedAt    time.Time       `json:"createdAt"`
	UpdatedAt    time.Time       `json:"updatedAt"`
}

func newRepositoryBody(repository store.Repository) repositoryBody {
	return repositoryBody{
		RepositoryID: repository.ID, DatabaseID: repository.DatabaseID, Name: repository.Name,
		EntityName: repository.EntityName, Status: "Active", Schema: repository.Schema,
		CreatedAt: repository.CreatedAt, UpdatedAt: repository.CreatedAt,
	}
}

func listRepositories(c *call) error {
	page, err := c.page()
	if err != nil {
		return err
	}
	found, next, err := c.store.Repositories(c.actor, c.path("databaseId"), page)
	if err != nil {
		return err
	}
	repositories := make([]repositoryBody, len(found))
	for index, repository := range found {
		repositories[index] = newRepositoryBody(repository)
	}
	return c.send(http.StatusOK, struct {
		Repositories []repositoryBody `json:"repositories"`
		NextCursor   *string          `json:"nextCursor"`
	}{repositories, orNull(next)})
}

func createRepository(c *call) error {
	var body struct {
		Name       string          `json:"name"`
		EntityName string          `json:"entityName"`
		Schema     json.RawMessage `json:"schema"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	created, err := c.store.CreateRepository(c.actor, c.path("databaseId"), store.NewRepository{
		Name: body.Name, EntityName: body.EntityName, Schema: body.Schema,
	})
	if err != nil {
		return err
	}
	return c.send(http.StatusCreated, newRepositoryBody(created))
}

func getRepository(c *call) error {
	found, err := c.store.Repository(c.actor, c.path("databaseId"), c.path("repositoryId"))
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, newRepositoryBody(found))
}

func deleteRepository(c *call) error {
	if err := c.store.DeleteRepository(c.actor, c.path("databaseId"), c.path("repositoryId")); err != nil {
		return err
	}
	return c.sendNothing()
}
