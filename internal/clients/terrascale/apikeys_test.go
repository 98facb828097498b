// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

func TestCreateAPIKey(t *testing.T) {
	s := serve(t, map[string]http.HandlerFunc{createKey: reply(201, object{
		"keyId": "key_1", "apiKey": "ts_live_abc123", "name": "ci-tests", "scopes": []string{"database:read", "repository:*"},
		"createdAt": "2026-01-15T10:00:00Z", "expiresAt": "2027-01-15T00:00:00Z",
	})})
	client, _ := newClient(t, s, terrascale.Config{})
	expires := time.Date(2027, 1, 15, 0, 0, 0, 0, time.UTC)
	created, err := client.CreateAPIKeyOnce(t.Context(), terrascale.NewAPIKey{
		Name: "ci-tests", Scopes: []string{"database:read", "repository:*"}, ExpiresAt: &expires,
	})
	require.NoError(t, err)
	require.Equal(t, terrascale.APIKey{
		ID: "key_1", Name: "ci-tests", Scopes: []string{"database:read", "repository:*"},
		CreatedAt: time.Date(2026, 1, 15, 10, 0, 0, 0, time.UTC), ExpiresAt: &expires,
	}, created.APIKey)
	require.Equal(t, "ts_live_abc123", created.Secret.Reveal())
	require.NotContains(t, fmt.Sprintf("%+v", created), "ts_live_abc123")
	require.JSONEq(t, `{"name":"ci-tests","scopes":["database:read","repository:*"],"expiresAt":"2027-01-15T00:00:00Z"}`,
		s.calls(createKey)[0].Body)
}

// paged serves a page for each cursor.
func paged(list string, pages map[string]object) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		page, ok := pages[r.URL.Query().Get("cursor")]
		if !ok {
			problem(400, "Bad Request", "no such cursor")(w, r)
			return
		}
		if _, ok := page[list]; !ok {
			page[list] = []object{}
		}
		reply(200, page)(w, r)
	}
}

func TestListAPIKeysFollowsCursors(t *testing.T) {
	second := keyJSON("key_2")
	second["expiresAt"], second["lastUsedAt"] = "2026-02-01T00:00:00Z", "2026-01-20T00:00:00Z"
	second["revoked"], second["createdBy"] = true, "usr_1"
	third := keyJSON("key_3")
	delete(third, "expiresAt")
	delete(third, "lastUsedAt")
	limits := []string{}
	pages := paged("keys", map[string]object{
		"":      {"keys": []object{keyJSON("key_1")}, "nextCursor": "a+b/="},
		"a+b/=": {"keys": []object{second}, "nextCursor": "last"},
		"last":  {"keys": []object{third}},
	})
	s := serve(t, map[string]http.HandlerFunc{listKeys: func(w http.ResponseWriter, r *http.Request) {
		limits = append(limits, r.URL.Query().Get("limit"))
		pages(w, r)
	}})
	client, _ := newClient(t, s, terrascale.Config{})
	keys, err := client.ListAPIKeys(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"100", "100", "100"}, limits)
	require.Len(t, keys, 3)
	require.Equal(t, "key_1", keys[0].ID)
	require.Nil(t, keys[0].ExpiresAt)
	require.Nil(t, keys[0].CreatedBy)
	expires, used, creator := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 20, 0, 0, 0, 0, time.UTC), "usr_1"
	require.Equal(t, terrascale.APIKey{
		ID: "key_2", Prefix: "ts_live_abc", Name: "ci-tests", Scopes: []string{"database:read"},
		CreatedAt: time.Date(2026, 1, 15, 10, 0, 0, 0, time.UTC), ExpiresAt: &expires, LastUsedAt: &used, Revoked: true,
		CreatedBy: &creator,
	}, keys[1])
	require.Equal(t, "key_3", keys[2].ID)
	require.False(t, keys[0].LastUseUntold, "null is an answer")
	require.True(t, keys[2].LastUseUntold)

	key, err := client.GetAPIKey(t.Context(), "key_3")
	require.NoError(t, err)
	require.Equal(t, keys[2], key)
	_, err = client.GetAPIKey(t.Context(), "key_4")
	require.ErrorIs(t, err, terrascale.ErrNotFound)
	require.ErrorContains(t, err, "key_4")
}

func TestEndlessListIsAnError(t *testing.T) {
	for name, pages := range map[string]map[string]object{
		"its own cursor":      {"": {"nextCursor": "a"}, "a": {"nextCursor": "a"}},
		"a circle of several": {"": {"nextCursor": "a"}, "a": {"nextCursor": "b"}, "b": {"nextCursor": "a"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, map[string]http.HandlerFunc{listKeys: paged("keys", pages)})
			client, _ := newClient(t, s, terrascale.Config{})
			_, err := client.ListAPIKeys(t.Context())
			require.ErrorIs(t, err, terrascale.ErrEndlessList)
			require.LessOrEqual(t, len(s.calls("")), 4)
		})
	}
}

func TestRevokeAPIKey(t *testing.T) {
	s := serve(t, map[string]http.HandlerFunc{"DELETE /api/v1/management/apikeys/key%2F1": reply(204, nil)})
	client, _ := newClient(t, s, terrascale.Config{})
	require.NoError(t, client.RevokeAPIKey(t.Context(), "key/1"))
	require.ErrorIs(t, client.RevokeAPIKey(t.Context(), "key_2"), terrascale.ErrNotFound)

	served := len(s.calls(""))
	for _, id := range []string{"", ".", ".."} {
		require.ErrorIs(t, client.RevokeAPIKey(t.Context(), id), terrascale.ErrInvalidArgument)
	}
	require.Len(t, s.calls(""), served, "a path that leads elsewhere is never asked for")
}

func TestAPIKeyStatus(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	later, earlier := now.Add(time.Second), now.Add(-time.Second)
	for want, keys := range map[terrascale.KeyStatus][]terrascale.APIKey{
		terrascale.KeyActive:  {{}, {ExpiresAt: &later}},
		terrascale.KeyExpired: {{ExpiresAt: &now}, {ExpiresAt: &earlier}},
		terrascale.KeyRevoked: {{Revoked: true}, {Revoked: true, ExpiresAt: &earlier}, {Revoked: true, ExpiresAt: &later}},
	} {
		for _, key := range keys {
			require.Equal(t, want, key.Status(now), key)
		}
	}
}

func TestListsAgreeWithTheContract(t *testing.T) {
	schemas := loadContract(t).Components.Schemas
	for schema, list := range map[string][]string{"Scope": terrascale.Scopes, "Role": terrascale.Roles} {
		var contract []string
		for _, value := range schemas[schema].Value.Enum {
			contract = append(contract, value.(string))
		}
		require.Equal(t, contract, list)
	}
}

func TestAssumptionsAreNamedOnce(t *testing.T) {
	var names []string
	for _, assumption := range terrascale.Assumptions {
		require.Regexp(t, `^[a-z]+(-[a-z]+)*$`, assumption.Name)
		require.Regexp(t, `^[A-Z].*\.$`, assumption.Statement)
		require.False(t, slices.Contains(names, assumption.Name), assumption.Name)
		names = append(names, assumption.Name)
	}
}
