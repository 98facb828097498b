// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// keyed is a client with a fresh API key of the default organization.
func keyed(t *testing.T, server *emulator.Server, scopes ...string) (client, emulator.APIKey) {
	t.Helper()
	created, key, err := server.CreateKey(orgID, "data plane", scopes, nil)
	require.NoError(t, err)
	return client{t: t, server: server, bearer: key}, created
}

func TestScopesOnTheDataPlane(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	for scope, may := range map[string]struct{ read, write bool }{
		"database:read":    {read: true},
		"database:write":   {write: true},
		"database:*":       {read: true, write: true},
		"*":                {read: true, write: true},
		"repository:*":     {},
		"repository:write": {},
	} {
		t.Run(scope, func(t *testing.T) {
			caller, _ := keyed(t, server, scope)
			body := object{"pk": "user", "data": object{"name": "Ann"}}
			if may.write {
				caller.call(http.MethodPut, items, body, http.StatusOK, nil)
				caller.call(http.MethodPut, items+"/user", object{"data": object{}}, http.StatusOK, nil)
				caller.call(http.MethodDelete, items+"/other", nil, http.StatusNoContent, nil)
			} else {
				require.Contains(t, caller.problem(http.MethodPut, items, body, http.StatusForbidden), "database:write")
				caller.problem(http.MethodPut, items+"/user", object{"data": object{}}, http.StatusForbidden)
				caller.problem(http.MethodDelete, items+"/other", nil, http.StatusForbidden)
				caller.problem(http.MethodDelete, items, nil, http.StatusForbidden)
			}
			if may.read {
				caller.call(http.MethodGet, items, nil, http.StatusOK, nil)
			} else {
				require.Contains(t, caller.problem(http.MethodGet, items, nil, http.StatusForbidden), "database:read")
				caller.problem(http.MethodGet, items+"/user", nil, http.StatusForbidden)
			}
		})
	}
}

func TestItems(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	caller, _ := keyed(t, server, "database:*")
	type item struct {
		PK   string
		SK   *string
		Data map[string]string
	}
	caller.call(http.MethodPut, items, object{"pk": "user", "sk": "profile", "data": object{"name": "Ann"}}, http.StatusOK, nil)
	caller.call(http.MethodPut, items+"/plain", object{"data": object{"name": "Bob"}}, http.StatusOK, nil)
	var found item
	caller.call(http.MethodGet, items+"/user%2Fprofile", nil, http.StatusOK, &found)
	require.Equal(t, "profile", *found.SK)
	require.Equal(t, "Ann", found.Data["name"])
	var listed struct{ Items []item }
	caller.call(http.MethodGet, items, nil, http.StatusOK, &listed)
	require.Equal(t, "plain", listed.Items[0].PK)
	require.Len(t, listed.Items, 2)
	caller.call(http.MethodDelete, items+"/plain", nil, http.StatusNoContent, nil)
	caller.problem(http.MethodGet, items+"/plain", nil, http.StatusNotFound)
	caller.call(http.MethodDelete, items, nil, http.StatusNoContent, nil)
	caller.problem(http.MethodGet, items+"/user%2Fprofile", nil, http.StatusNotFound)
	caller.problem(http.MethodPut, items, object{"pk": "", "data": object{}}, http.StatusBadRequest)
	caller.problem(http.MethodPut, items, object{"pk": "a"}, http.StatusBadRequest)
	caller.problem(http.MethodGet, "/api/v1/databases/db_none/items", nil, http.StatusNotFound)
}

func TestKeysThatAreWorthNothing(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	revoked, revokedKey := keyed(t, server, "*")
	expired, expiredKey := keyed(t, server, "*")
	revoked.call(http.MethodGet, items, nil, http.StatusOK, nil)
	expired.call(http.MethodGet, items, nil, http.StatusOK, nil)
	require.NoError(t, server.RevokeKey(revokedKey.ID))
	require.NoError(t, server.ExpireKey(expiredKey.ID))
	revoked.problem(http.MethodGet, items, nil, http.StatusUnauthorized)
	expired.problem(http.MethodGet, items, nil, http.StatusUnauthorized)
	anyone := client{t: t, server: server}
	anyone.problem(http.MethodGet, items, nil, http.StatusUnauthorized)
	anyone.withBearer(secret.New("ts_live_unknown")).problem(http.MethodPut, items, "{", http.StatusUnauthorized)
	asOwner(t, server).problem(http.MethodGet, items, nil, http.StatusUnauthorized)
}

func TestLastUsedAt(t *testing.T) {
	t.Parallel()
	server, clock := start(t, nil)
	caller, _ := keyed(t, server, "*")
	require.Nil(t, server.APIKeys(orgID)[0].LastUsedAt)
	clock.Advance(90)
	caller.call(http.MethodGet, items, nil, http.StatusOK, nil)
	used := server.APIKeys(orgID)[0].LastUsedAt
	require.NotNil(t, used)
	require.WithinDuration(t, clock.Now(), *used, 1e6)
}

func TestSuspendedAndDeletedOrganizations(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	owner := asOwner(t, server)
	caller, _ := keyed(t, server, "*")
	require.NoError(t, server.SuspendOrganization(orgID))
	require.Contains(t, owner.problem(http.MethodGet, keys, nil, http.StatusForbidden), "suspended")
	owner.problem(http.MethodGet, orgPath+"/members", nil, http.StatusForbidden)
	owner.problem(http.MethodPut, orgPath, object{"name": "New name"}, http.StatusForbidden)
	var organization struct{ Status string }
	owner.call(http.MethodGet, orgPath, nil, http.StatusOK, &organization)
	require.Equal(t, "suspended", organization.Status)
	caller.problem(http.MethodGet, items, nil, http.StatusForbidden)

	require.NoError(t, server.ResumeOrganization(orgID))
	caller.call(http.MethodGet, items, nil, http.StatusOK, nil)
	owner.call(http.MethodDelete, orgPath, nil, http.StatusNoContent, nil)
	owner.problem(http.MethodGet, orgPath, nil, http.StatusNotFound)
	owner.problem(http.MethodGet, keys, nil, http.StatusForbidden)
	caller.problem(http.MethodGet, items, nil, http.StatusUnauthorized)
	deleted, found := server.Organization(orgID)
	require.True(t, found)
	require.Equal(t, "deleted", deleted.Status)
	_, found = server.OrganizationBySlug("emulated")
	require.False(t, found)
}
