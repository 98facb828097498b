// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

const databases = "/api/v1/management/databases"

type database struct {
	DatabaseID, Name, Status string
	Usage                    struct{ ItemCount int }
}

func TestDatabaseLife(t *testing.T) {
	t.Parallel()
	server, clock := start(t, func(o *emulator.Options) { o.ProvisioningDelay = time.Minute })
	owner := asOwner(t, server)
	var made database
	owner.call(http.MethodPost, databases, object{"name": "users-db", "region": "eu-west"}, http.StatusCreated, &made)
	require.Equal(t, "Creating", made.Status)
	path := databases + "/" + made.DatabaseID
	owner.call(http.MethodGet, path, nil, http.StatusOK, &made)
	require.Equal(t, "Creating", made.Status)
	clock.Advance(time.Minute)
	owner.call(http.MethodGet, path, nil, http.StatusOK, &made)
	require.Equal(t, "Active", made.Status)

	caller, _ := keyed(t, server, "*")
	caller.call(http.MethodPut, "/api/v1/databases/"+made.DatabaseID+"/items", object{"pk": "a", "data": object{}}, http.StatusOK, nil)
	var listed struct{ Databases []database }
	owner.call(http.MethodGet, databases, nil, http.StatusOK, &listed)
	require.Len(t, listed.Databases, 2)
	require.Equal(t, "Active", listed.Databases[0].Status, "a seeded one is never Creating")
	require.Equal(t, 1, listed.Databases[1].Usage.ItemCount)

	owner.problem(http.MethodPost, databases, object{"name": "users-db", "region": "eu-west"}, http.StatusConflict)
	owner.call(http.MethodDelete, path, nil, http.StatusNoContent, nil)
	owner.problem(http.MethodGet, path, nil, http.StatusNotFound)
	owner.problem(http.MethodDelete, path, nil, http.StatusNotFound)
}

func TestDatabaseIsActiveAtItsFirstReadByDefault(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	owner := asOwner(t, server)
	var made database
	owner.call(http.MethodPost, databases, object{"name": "users-db", "region": "eu-west", "settings": object{"a": 1}}, http.StatusCreated, &made)
	require.Equal(t, "Creating", made.Status)
	owner.call(http.MethodGet, databases+"/"+made.DatabaseID, nil, http.StatusOK, &made)
	require.Equal(t, "Active", made.Status)
}

func TestDatabaseBadInputAndLimit(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	owner := asOwner(t, server)
	for _, name := range []string{"", "ab", "1abc", "My-App", "my_app", strings.Repeat("a", 64)} {
		owner.problem(http.MethodPost, databases, object{"name": name, "region": "eu-west"}, http.StatusBadRequest)
	}
	owner.problem(http.MethodPost, databases, object{"name": "fine"}, http.StatusBadRequest)
	owner.problem(http.MethodPost, databases, object{"name": "fine", "region": "r", "settings": "s"}, http.StatusBadRequest)
	require.NoError(t, server.SetLimits(orgID, emulator.Limits{Databases: 1}))
	detail := owner.problem(http.MethodPost, databases, object{"name": "fine", "region": "r"}, http.StatusForbidden)
	require.Contains(t, detail, "settings.maxDatabases")
}

func TestRepositoryLife(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	owner := asOwner(t, server)
	repositories := databases + "/" + emulator.DefaultDatabaseID + "/repositories"
	var made struct{ RepositoryID, Name string }
	owner.call(http.MethodPost, repositories, object{"name": "companies", "entityName": "Company", "schema": object{
		"name": object{"type": "string", "required": true, "minLength": 1},
		"tags": object{"type": "array", "items": object{"type": "string"}},
	}}, http.StatusCreated, &made)
	owner.call(http.MethodPost, repositories, object{"name": "bare", "entityName": "Bare"}, http.StatusCreated, nil)
	owner.problem(http.MethodPost, repositories, object{"name": "bare", "entityName": "Bare"}, http.StatusConflict)
	for _, schema := range []any{"text", object{"a": object{"type": "date"}}, object{"a": object{"type": "array", "items": object{"type": "x"}}}} {
		owner.problem(http.MethodPost, repositories, object{"name": "x", "entityName": "X", "schema": schema}, http.StatusBadRequest)
	}
	owner.problem(http.MethodPost, repositories, object{"name": "x"}, http.StatusBadRequest)
	var found struct {
		Schema map[string]struct{ Type string }
	}
	owner.call(http.MethodGet, repositories+"/"+made.RepositoryID, nil, http.StatusOK, &found)
	require.Equal(t, "array", found.Schema["tags"].Type)
	var listed struct {
		Repositories []struct{ Name string }
		NextCursor   *string
	}
	owner.call(http.MethodGet, repositories+"?limit=1", nil, http.StatusOK, &listed)
	require.Equal(t, "companies", listed.Repositories[0].Name)
	owner.call(http.MethodGet, repositories+"?limit=1&cursor="+*listed.NextCursor, nil, http.StatusOK, &listed)
	require.Equal(t, "bare", listed.Repositories[0].Name)
	require.Nil(t, listed.NextCursor)
	owner.call(http.MethodDelete, repositories+"/"+made.RepositoryID, nil, http.StatusNoContent, nil)
	owner.problem(http.MethodGet, repositories+"/"+made.RepositoryID, nil, http.StatusNotFound)
	owner.problem(http.MethodGet, databases+"/db_none/repositories", nil, http.StatusNotFound)
}
