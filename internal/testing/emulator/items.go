// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

type itemBody struct {
	PartitionKey string          `json:"pk"`
	SortKey      *string         `json:"sk"`
	Data         json.RawMessage `json:"data"`
	CreatedAt    time.Time       `json:"createdAt"`
	UpdatedAt    time.Time       `json:"updatedAt"`
}

func listItems(c *call) error {
	found, err := c.store.Items(c.keyUse(), c.path("databaseId"))
	if err != nil {
		return err
	}
	items := make([]itemBody, len(found))
	for index, item := range found {
		items[index] = itemBody(item)
	}
	return c.send(http.StatusOK, struct {
		Items []itemBody `json:"items"`
	}{items})
}

func getItem(c *call) error {
	found, err := c.store.Item(c.keyUse(), c.path("databaseId"), c.path("itemId"))
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, itemBody(found))
}

func putItem(c *call) error {
	var body struct {
		PartitionKey string         `json:"pk"`
		SortKey      *string        `json:"sk"`
		Data         map[string]any `json:"data"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	return c.put(body.PartitionKey, body.SortKey, body.Data)
}

func putItemByID(c *call) error {
	var body struct {
		Data map[string]any `json:"data"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	partitionKey, rest, divided := strings.Cut(c.path("itemId"), "/")
	if !divided {
		return c.put(partitionKey, nil, body.Data)
	}
	return c.put(partitionKey, &rest, body.Data)
}

func (c *call) put(partitionKey string, sortKey *string, data map[string]any) error {
	if data == nil {
		return badRequest("data must be an object.")
	}
	content, err := json.Marshal(data)
	if err != nil {
		return err
	}
	put, err := c.store.PutItem(c.keyUse(), c.path("databaseId"), partitionKey, sortKey, content)
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, itemBody(put))
}

func deleteItem(c *call) error {
	if err := c.store.DeleteItem(c.keyUse(), c.path("databaseId"), c.path("itemId")); err != nil {
		return err
	}
	return c.sendNothing()
}

func deleteItems(c *call) error {
	if err := c.store.DeleteItems(c.keyUse(), c.path("databaseId")); err != nil {
		return err
	}
	return c.sendNothing()
}
