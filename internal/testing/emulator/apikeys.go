// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"net/http"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator/store"
)

type keyBody struct {
	KeyID      string     `json:"keyId"`
	KeyPrefix  string     `json:"keyPrefix"`
	Name       string     `json:"name"`
	Scopes     []string   `json:"scopes"`
	CreatedAt  time.Time  `json:"createdAt"`
	ExpiresAt  *time.Time `json:"expiresAt"`
	LastUsedAt *time.Time `json:"lastUsedAt"`
	Revoked    bool       `json:"revoked"`
	CreatedBy  string     `json:"createdBy,omitempty"`
}

func listAPIKeys(c *call) error {
	page, err := c.page()
	if err != nil {
		return err
	}
	found, next, err := c.store.Keys(c.actor, page)
	if err != nil {
		return err
	}
	keys := make([]keyBody, len(found))
	for index, key := range found {
		keys[index] = keyBody{
			KeyID: key.ID, KeyPrefix: key.Prefix, Name: key.Name, Scopes: key.Scopes, CreatedAt: key.CreatedAt,
			ExpiresAt: key.ExpiresAt, LastUsedAt: key.LastUsedAt, Revoked: key.Revoked,
		}
		if !c.server.options.OmitCreatedBy {
			keys[index].CreatedBy = key.CreatedBy
		}
	}
	return c.send(http.StatusOK, struct {
		Keys       []keyBody `json:"keys"`
		NextCursor *string   `json:"nextCursor"`
	}{keys, orNull(next)})
}

func createAPIKey(c *call) error {
	var body struct {
		Name      string     `json:"name"`
		Scopes    []string   `json:"scopes"`
		ExpiresAt *time.Time `json:"expiresAt"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	created, key, err := c.store.CreateKey(c.actor, store.NewKey{Name: body.Name, Scopes: body.Scopes, ExpiresAt: body.ExpiresAt})
	if err != nil {
		return err
	}
	return c.send(http.StatusCreated, struct {
		KeyID     string     `json:"keyId"`
		APIKey    string     `json:"apiKey"`
		Name      string     `json:"name"`
		Scopes    []string   `json:"scopes"`
		CreatedAt time.Time  `json:"createdAt"`
		ExpiresAt *time.Time `json:"expiresAt"`
	}{created.ID, key.Reveal(), created.Name, created.Scopes, created.CreatedAt, created.ExpiresAt})
}

func revokeAPIKey(c *call) error {
	if err := c.store.RevokeKey(c.actor, c.path("keyId")); err != nil {
		return err
	}
	return c.sendNothing()
}
