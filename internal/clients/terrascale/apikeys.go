// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

//nolint:bodyclose // attemptTransport has read and closed every body already.
package terrascale

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale/api"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// Scopes are what a key can be allowed to do.
var Scopes = []string{
	"database:read", "database:write", "database:*",
	"repository:read", "repository:write", "repository:*",
	"*",
}

// KeyStatus is derived from a key and the time.
type KeyStatus string

// A revoked key stays revoked when it expires.
const (
	KeyActive  KeyStatus = "active"
	KeyExpired KeyStatus = "expired"
	KeyRevoked KeyStatus = "revoked"
)

// NewAPIKey is what a key is made of. A nil ExpiresAt is a key that never expires.
type NewAPIKey struct {
	Name      string
	Scopes    []string
	ExpiresAt *time.Time
}

// APIKey is a key without its secret.
type APIKey struct {
	ID string
	// Prefix is the visible start of the secret.
	Prefix    string
	Name      string
	Scopes    []string
	CreatedAt time.Time
	// ExpiresAt is nil for a key that never expires, LastUsedAt for one that was never used, or LastUseUntold.
	ExpiresAt, LastUsedAt *time.Time
	// LastUseUntold is set when a listing says nothing of a last use, not even that there was none.
	LastUseUntold bool
	Revoked       bool
	// CreatedBy is a user id; nil when the service does not say.
	CreatedBy *string
}

// Status says whether the key works at a time.
func (k APIKey) Status(now time.Time) KeyStatus {
	switch {
	case k.Revoked:
		return KeyRevoked
	case k.ExpiresAt != nil && !now.Before(*k.ExpiresAt):
		return KeyExpired
	}
	return KeyActive
}

// CreatedAPIKey is a new key with its secret, which no later call shows. Its Prefix is empty where APIKeyPrefix has to look it up.
type CreatedAPIKey struct {
	APIKey
	Secret secret.String
}

// createAPIKey is the call as it is. It is ErrAnswerLost when there may be a key whose secret nobody has.
func (c *Client) createAPIKey(ctx context.Context, key NewAPIKey) (CreatedAPIKey, error) {
	ctx, op := c.begin(ctx, "create API key", repeatRefused)
	request := api.NewAPIKey{Name: key.Name, Scopes: make([]api.Scope, 0, len(key.Scopes)), ExpiresAt: key.ExpiresAt}
	for _, scope := range key.Scopes {
		request.Scopes = append(request.Scopes, api.Scope(scope))
	}
	defer c.keys.Drop()
	response, err := c.authorized.CreateAPIKey(ctx, request)
	created, err := decode[api.CreatedAPIKey](op, response, err, http.StatusCreated)
	if err != nil {
		return CreatedAPIKey{}, err
	}
	if created.KeyID == "" || created.APIKey == "" {
		return CreatedAPIKey{}, op.invalid("there is no keyId or no apiKey in it")
	}
	clear := secret.New(created.APIKey)
	made := APIKey{
		ID:        created.KeyID,
		Prefix:    c.known.prefixOf(clear),
		Name:      created.Name,
		Scopes:    scopesFromAPI(created.Scopes),
		CreatedAt: created.CreatedAt,
		ExpiresAt: created.ExpiresAt,
	}
	c.known.add(key.Name, made, c.config.Clock())
	return CreatedAPIKey{APIKey: made, Secret: clear}, nil
}

// ListAPIKeys returns every key of the active organization, revoked and expired ones too.
func (c *Client) ListAPIKeys(ctx context.Context) ([]APIKey, error) {
	return allPages(func(key APIKey) string { return key.ID }, func(cursor *string) ([]APIKey, *string, error) {
		ctx, op := c.begin(ctx, "list API keys", repeatAny)
		limit := keyPageSize
		response, err := c.authorized.ListAPIKeys(ctx, &api.ListAPIKeysParams{Limit: &limit, Cursor: cursor})
		page, err := decode[keyList](op, response, err, http.StatusOK)
		if err != nil {
			return nil, nil, err
		}
		if err := checkList(op, page.Keys, "keys"); err != nil {
			return nil, nil, err
		}
		keys := make([]APIKey, 0, len(page.Keys))
		for _, key := range page.Keys {
			if key.KeyID == "" {
				return nil, nil, op.invalid("it lists a key without a keyId")
			}
			keys = append(keys, apiKeyFromAPI(key))
		}
		return keys, page.NextCursor, nil
	})
}

// GetAPIKey returns one key of the active organization, out of the list, for the service has no read of one.
// ErrNotFound when it is not there.
func (c *Client) GetAPIKey(ctx context.Context, keyID string) (APIKey, error) {
	keys, err := c.APIKeys(ctx)
	if err != nil {
		return APIKey{}, err
	}
	for _, key := range keys {
		if key.ID == keyID {
			return key, nil
		}
	}
	return APIKey{}, fmt.Errorf("unable to read API key %q: %w", keyID, ErrNotFound)
}

// RevokeAPIKey stops a key at once, for good. ErrNotFound when there is none. Revoked keys stay listed: one that the service does not find
// is looked up in the list, and is an error when it works still.
func (c *Client) RevokeAPIKey(ctx context.Context, keyID string) error {
	callerCtx := ctx
	ctx, op := c.begin(ctx, "revoke API key", repeatAny)
	if err := op.checkSegment("key id", keyID); err != nil {
		return err
	}
	defer c.keys.Drop()
	response, err := c.authorized.RevokeAPIKey(ctx, keyID)
	return deleted(op, response, err, listed(callerCtx, c.looks.keys, "", c.ListAPIKeys, func(key APIKey) bool {
		return key.ID == keyID && !key.Revoked
	}))
}

// keyList is api.APIKeyList, with what tells a last use that is null from one that is not there.
type keyList struct {
	Keys       []listedKey `json:"keys"`
	NextCursor *string     `json:"nextCursor"`
}

type listedKey struct {
	api.APIKey
	LastUsedAt told[time.Time] `json:"lastUsedAt"`
}

// told is a value that may be null, or not there at all.
type told[T any] struct {
	value   *T
	isThere bool
}

// UnmarshalJSON is called for null, too.
func (t *told[T]) UnmarshalJSON(content []byte) error {
	t.isThere = true
	return json.Unmarshal(content, &t.value)
}

func apiKeyFromAPI(key listedKey) APIKey {
	return APIKey{
		ID:         key.KeyID,
		Prefix:     key.KeyPrefix,
		Name:       key.Name,
		Scopes:     scopesFromAPI(key.Scopes),
		CreatedAt:  key.CreatedAt,
		ExpiresAt:  key.ExpiresAt,
		LastUsedAt: key.LastUsedAt.value,
		Revoked:    key.Revoked,
		CreatedBy:  key.CreatedBy,

		LastUseUntold: !key.LastUsedAt.isThere,
	}
}

func scopesFromAPI(scopes []api.Scope) []string {
	texts := make([]string, 0, len(scopes))
	for _, scope := range scopes {
		texts = append(texts, string(scope))
	}
	return texts
}
