// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

func TestEveryOperationOfTheContractIsServed(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	doc, err := contract()
	require.NoError(t, err)
	count := 0
	for path, entry := range doc.Paths.Map() {
		concrete := strings.NewReplacer("{", "", "}", "").Replace(path)
		for method, operation := range entry.Operations() {
			count++
			server.ResetRequests()
			response, err := http.DefaultClient.Do(client{t: t, server: server}.request(method, concrete, nil))
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			requests := server.Requests()
			require.Len(t, requests, 1)
			require.Equal(t, operation.OperationID, requests[0].Operation)
			require.Equal(t, concrete, requests[0].Path)
			require.Equal(t, response.StatusCode, requests[0].Status)
			if operation.Security == nil || len(*operation.Security) > 0 {
				require.Equal(t, http.StatusUnauthorized, response.StatusCode, operation.OperationID)
			} else {
				require.NotEqual(t, http.StatusUnauthorized, response.StatusCode, operation.OperationID)
			}
		}
	}
	require.Greater(t, count, 30)
}

func TestUnknownPathsAndMethodsAreProblems(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	owner := asOwner(t, server)
	owner.problem(http.MethodGet, "/api/v1/nothing", nil, http.StatusNotFound)
	owner.problem(http.MethodGet, keys+"/key_1", nil, http.StatusMethodNotAllowed)
	owner.problem(http.MethodPatch, orgPath, nil, http.StatusMethodNotAllowed)
	requests := server.Requests()
	require.Len(t, requests, 3)
	require.Empty(t, requests[0].Operation)
	require.Equal(t, http.StatusNotFound, requests[0].Status)
}

func TestMalformedBodiesAreRefused(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	owner := asOwner(t, server)
	for name, body := range map[string]string{
		"none": "", "not JSON": "{", "no object": "[]", "wrong type": `{"name":1,"scopes":["*"]}`,
		"trailing text": `{"name":"a","scopes":["*"]} x`, "no time": `{"name":"a","scopes":["*"],"expiresAt":"soon"}`,
	} {
		t.Run(name, func(t *testing.T) {
			owner := owner
			owner.t = t
			detail := owner.problem(http.MethodPost, keys, body, http.StatusBadRequest)
			if name == "wrong type" {
				require.Contains(t, detail, "name must not be a number")
			}
		})
	}
	owner.problem(http.MethodPost, keys, `{"name":"`+strings.Repeat("x", 5<<20)+`"}`, http.StatusRequestEntityTooLarge)
	require.Empty(t, server.APIKeys(orgID))
	owner.call(http.MethodPost, "/api/v1/organizations", object{"name": "Tolerant"}, http.StatusCreated, nil)
}

func TestHealthAndPlansNeedNoToken(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	anyone := client{t: t, server: server}
	for path, status := range map[string]string{"/health": "Healthy", "/health/ready": "Ready", "/health/live": "Alive"} {
		var health struct{ Status string }
		anyone.call(http.MethodGet, path, nil, http.StatusOK, &health)
		require.Equal(t, status, health.Status)
	}
	var plans []struct{ PlanID, PlanType string }
	anyone.call(http.MethodGet, "/api/v1/plans", nil, http.StatusOK, &plans)
	require.Len(t, plans, 3)
	var plan struct{ PlanType string }
	anyone.call(http.MethodGet, "/api/v1/plans/plan_pro", nil, http.StatusOK, &plan)
	require.Equal(t, "pro", plan.PlanType)
	anyone.problem(http.MethodGet, "/api/v1/plans/plan_gold", nil, http.StatusNotFound)
}

func TestManagementCallsNeedAnAccessToken(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	_, key, err := server.CreateKey(orgID, "key", []string{"*"}, nil)
	require.NoError(t, err)
	anyone := client{t: t, server: server}
	require.Contains(t, anyone.problem(http.MethodGet, keys, nil, http.StatusUnauthorized), "Send an access token")
	require.Contains(t, anyone.withBearer(key).problem(http.MethodGet, keys, nil, http.StatusUnauthorized), "not an API key")

	other, _ := start(t, nil)
	token, err := other.IssueToken(emulator.DefaultOwnerEmail, orgID)
	require.NoError(t, err)
	anyone.withBearer(token).problem(http.MethodGet, keys, nil, http.StatusUnauthorized)
}
