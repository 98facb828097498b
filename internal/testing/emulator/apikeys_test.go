// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

type createdKey struct {
	KeyID, APIKey string
	ExpiresAt     *time.Time
}

type listedKeys struct {
	Keys []struct {
		KeyID, KeyPrefix, Name string
		CreatedBy              string
		Scopes                 []string
		LastUsedAt             *time.Time
		Revoked                bool
	}
	NextCursor *string
}

func createKey(c client, body object) (created createdKey) {
	c.t.Helper()
	c.call(http.MethodPost, keys, body, http.StatusCreated, &created)
	return created
}

func TestAPIKeyLife(t *testing.T) {
	t.Parallel()
	server, clock := start(t, nil)
	owner := asOwner(t, server)
	expiry := clock.Now().Add(24 * time.Hour)
	created := createKey(owner, object{"name": "prod", "scopes": []string{"database:read"}, "expiresAt": expiry})
	again := createKey(owner, object{"name": "prod", "scopes": []string{"database:read"}}) // names are not unique
	require.NotEqual(t, created.KeyID, again.KeyID)
	require.True(t, strings.HasPrefix(created.APIKey, "ts_live_"))
	require.True(t, expiry.Equal(*created.ExpiresAt))
	require.Nil(t, again.ExpiresAt)

	var listed listedKeys
	owner.call(http.MethodGet, keys, nil, http.StatusOK, &listed)
	require.Len(t, listed.Keys, 2)
	require.Equal(t, created.APIKey[:12], listed.Keys[0].KeyPrefix)
	require.Equal(t, emulator.DefaultOwnerUserID, listed.Keys[0].CreatedBy)
	require.Nil(t, listed.NextCursor)
	require.NotContains(t, fmt.Sprintf("%+v", server.APIKeys(orgID)), created.APIKey[12:])

	key, other := secret.New(created.APIKey), secret.New(again.APIKey)
	require.Equal(t, emulator.KeyActive, server.CheckAPIKey(key))
	clock.Advance(24 * time.Hour)
	owner = asOwner(t, server)
	require.Equal(t, emulator.KeyExpired, server.CheckAPIKey(key))
	require.Equal(t, emulator.KeyActive, server.CheckAPIKey(other))
	owner.call(http.MethodDelete, keys+"/"+again.KeyID, nil, http.StatusNoContent, nil)
	owner.call(http.MethodDelete, keys+"/"+again.KeyID, nil, http.StatusNoContent, nil)
	owner.problem(http.MethodDelete, keys+"/key_none", nil, http.StatusNotFound)
	require.Equal(t, emulator.KeyRevoked, server.CheckAPIKey(other))
	require.Equal(t, emulator.KeyUnknown, server.CheckAPIKey(secret.New("ts_live_none")))
	owner.call(http.MethodGet, keys, nil, http.StatusOK, &listed)
	require.Len(t, listed.Keys, 2, "revoked and expired keys stay listed")
	require.True(t, listed.Keys[1].Revoked)
}

func TestKeysOfATestingOrganization(t *testing.T) {
	t.Parallel()
	server, _ := start(t, func(o *emulator.Options) {
		seed := emulator.DefaultSeed()
		seed.Organizations[0].Testing = true
		o.Seed, o.OmitCreatedBy = &seed, true
	})
	owner := asOwner(t, server)
	require.True(t, strings.HasPrefix(createKey(owner, object{"name": "a", "scopes": []string{"*"}}).APIKey, "ts_test_"))
	var listed struct{ Keys []map[string]any }
	owner.call(http.MethodGet, keys, nil, http.StatusOK, &listed)
	require.NotContains(t, listed.Keys[0], "createdBy")
}

func TestAPIKeyBadInput(t *testing.T) {
	t.Parallel()
	server, clock := start(t, nil)
	owner := asOwner(t, server)
	for want, body := range map[string]object{
		"name must not be empty":              {"name": " ", "scopes": []string{"*"}},
		"scopes must name":                    {"name": "a", "scopes": []string{}},
		"Unknown scope \"database:admin\"":    {"name": "a", "scopes": []string{"*", "database:admin"}},
		"expiresAt must be in the future":     {"name": "a", "scopes": []string{"*"}, "expiresAt": clock.Now()},
		"scopes must name at least one of da": {"name": "a"},
	} {
		require.Contains(t, owner.problem(http.MethodPost, keys, body, http.StatusBadRequest), want)
	}
	require.Empty(t, server.APIKeys(orgID))
}

func TestKeyLimitCountsLiveKeys(t *testing.T) {
	t.Parallel()
	server, clock := start(t, nil)
	require.NoError(t, server.SetLimits(orgID, emulator.Limits{APIKeys: 2, Members: 9, Databases: 9}))
	owner := asOwner(t, server)
	body := object{"name": "a", "scopes": []string{"*"}}
	first := createKey(owner, body)
	createKey(owner, object{"name": "b", "scopes": []string{"*"}, "expiresAt": clock.Now().Add(time.Minute)})
	require.Contains(t, owner.problem(http.MethodPost, keys, body, http.StatusForbidden), "settings.maxApiKeys")
	owner.call(http.MethodDelete, keys+"/"+first.KeyID, nil, http.StatusNoContent, nil)
	createKey(owner, body)
	owner.problem(http.MethodPost, keys, body, http.StatusForbidden)
	clock.Advance(time.Minute)
	createKey(owner, body)
}

func TestKeysArePaged(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	owner := asOwner(t, server)
	for index := range 45 {
		_, _, err := server.CreateKey(orgID, fmt.Sprint(index), []string{"*"}, nil)
		require.NoError(t, err)
	}
	names := []string{}
	cursor, pages := "", 0
	for {
		var listed listedKeys
		owner.call(http.MethodGet, keys+"?cursor="+url.QueryEscape(cursor), nil, http.StatusOK, &listed)
		for _, key := range listed.Keys {
			names = append(names, key.Name)
		}
		pages++
		if listed.NextCursor == nil {
			break
		}
		cursor = *listed.NextCursor
		if pages == 1 { // a record that vanishes between two pages shifts nothing
			require.NoError(t, server.DeleteKeyRecord(listed.Keys[19].KeyID))
		}
	}
	require.Equal(t, 3, pages)
	require.Len(t, names, 45)
	for index, name := range names {
		require.Equal(t, fmt.Sprint(index), name)
	}
	var listed listedKeys
	owner.call(http.MethodGet, keys+"?limit=100", nil, http.StatusOK, &listed)
	require.Len(t, listed.Keys, 44)
	owner.call(http.MethodGet, keys+"?limit=44", nil, http.StatusOK, &listed)
	require.Nil(t, listed.NextCursor, "a page that ends with the list has no next one")
	for _, query := range []string{"limit=0", "limit=101", "limit=x", "limit=-1", "cursor=nonsense"} {
		owner.problem(http.MethodGet, keys+"?"+query, nil, http.StatusBadRequest)
	}
}

func TestKeysChangedOutOfBand(t *testing.T) {
	t.Parallel()
	server, clock := start(t, nil)
	created, key, err := server.CreateKey(orgID, "a", []string{"*"}, nil)
	require.NoError(t, err)
	require.NoError(t, server.ExpireKey(created.ID))
	require.Equal(t, emulator.KeyExpired, server.CheckAPIKey(key))
	require.Equal(t, emulator.KeyExpired, server.APIKeys(orgID)[0].Status(clock.Now()))
	require.NoError(t, server.RevokeKey(created.ID))
	require.Equal(t, emulator.KeyRevoked, server.CheckAPIKey(key))
	require.NoError(t, server.DeleteKeyRecord(created.ID))
	require.Equal(t, emulator.KeyUnknown, server.CheckAPIKey(key))
	require.Error(t, server.RevokeKey(created.ID))
}

func TestRolesAndKeys(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	require.NoError(t, server.AddMember(orgID, "reader@example.com", "readonly"))
	require.NoError(t, server.AddMember(orgID, "worker@example.com", "member"))
	reader, worker := as(t, server, "reader@example.com", orgID), as(t, server, "worker@example.com", orgID)
	body := object{"name": "a", "scopes": []string{"*"}}
	reader.problem(http.MethodPost, keys, body, http.StatusForbidden)
	created := createKey(worker, body)
	reader.call(http.MethodGet, keys, nil, http.StatusOK, nil)
	reader.problem(http.MethodDelete, keys+"/"+created.KeyID, nil, http.StatusForbidden)
	require.NoError(t, server.RemoveMember(orgID, "worker@example.com"))
	worker.problem(http.MethodGet, keys, nil, http.StatusForbidden)
}
