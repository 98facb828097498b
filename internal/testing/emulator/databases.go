// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator/store"
)

type databaseBody struct {
	DatabaseID string          `json:"databaseId"`
	Name       string          `json:"name"`
	Region     string          `json:"region"`
	Status     string          `json:"status"`
	CreatedAt  time.Time       `json:"createdAt"`
	UpdatedAt  *time.Time      `json:"updatedAt"`
	Settings   json.RawMessage `json:"settings"`
	Usage      usageBody       `json:"usage"`
}

type usageBody struct {
	ItemCount          int       `json:"itemCount"`
	StorageBytes       int       `json:"storageBytes"`
	ReadUnitsConsumed  int       `json:"readUnitsConsumed"`
	WriteUnitsConsumed int       `json:"writeUnitsConsumed"`
	LastUpdated        time.Time `json:"lastUpdated"`
}

func (c *call) databaseBody(database store.Database) databaseBody {
	now := c.server.options.Clock()
	ready := database.CreatedAt.Add(c.server.options.ProvisioningDelay)
	body := databaseBody{
		DatabaseID: database.ID, Name: database.Name, Region: database.Region, Status: "Active",
		CreatedAt: database.CreatedAt, UpdatedAt: &ready, Settings: database.Settings,
		Usage: usageBody{
			ItemCount: database.ItemCount, StorageBytes: database.StorageBytes,
			LastUpdated: now.UTC().Truncate(time.Millisecond),
		},
	}
	if !database.Ready && ready.After(now) {
		body.Status, body.UpdatedAt = "Creating", nil
	}
	if database.Status != "" {
		body.Status = database.Status
	}
	return body
}

func listDatabases(c *call) error {
	page, err := c.page()
	if err != nil {
		return err
	}
	found, next, err := c.store.Databases(c.actor, page)
	if err != nil {
		return err
	}
	databases := make([]databaseBody, len(found))
	for index, database := range found {
		databases[index] = c.databaseBody(database)
	}
	return c.send(http.StatusOK, struct {
		Databases  []databaseBody `json:"databases"`
		NextCursor *string        `json:"nextCursor"`
	}{databases, orNull(next)})
}

func createDatabase(c *call) error {
	var body struct {
		Name     string                     `json:"name"`
		Region   string                     `json:"region"`
		Settings map[string]json.RawMessage `json:"settings"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	settings, err := json.Marshal(body.Settings)
	if err != nil {
		return err
	}
	created, err := c.store.CreateDatabase(c.actor, store.NewDatabase{Name: body.Name, Region: body.Region, Settings: settings})
	if err != nil {
		return err
	}
	shown := c.databaseBody(created)
	shown.Status, shown.UpdatedAt = "Creating", nil // a new one always answers so, however short the wait
	return c.send(http.StatusCreated, shown)
}

func getDatabase(c *call) error {
	found, err := c.store.Database(c.actor, c.path("databaseId"))
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, c.databaseBody(found))
}

func deleteDatabase(c *call) error {
	if err := c.store.DeleteDatabase(c.actor, c.path("databaseId")); err != nil {
		return err
	}
	return c.sendNothing()
}
