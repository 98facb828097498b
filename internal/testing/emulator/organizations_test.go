// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

type organization struct {
	OrganizationID, Name, Slug, OwnerUserID, Plan, Status string
	BillingEmail                                          *string
	Settings                                              struct {
		MaxDatabases, MaxAPIKeys, MaxMembers int
		RequireMFA                           bool
	}
}

const organizations = "/api/v1/organizations"

func TestOrganizationLife(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	owner := asOwner(t, server)
	var made organization
	owner.call(http.MethodPost, organizations, object{"name": "Acmé & Sons, Inc."}, http.StatusCreated, &made)
	require.Equal(t, "acm-sons-inc", made.Slug)
	require.Equal(t, "free", made.Plan)
	require.Equal(t, "active", made.Status)
	require.Equal(t, 10, made.Settings.MaxAPIKeys)
	require.Nil(t, made.BillingEmail)
	path := organizations + "/" + made.OrganizationID

	var changed organization
	owner.call(http.MethodPut, path, object{"billingEmail": "pay@example.com", "settings": object{"requireMfa": true}}, http.StatusOK, &changed)
	require.Equal(t, "Acmé & Sons, Inc.", changed.Name)
	require.Equal(t, "pay@example.com", *changed.BillingEmail)
	require.True(t, changed.Settings.RequireMFA)
	changed = organization{}
	owner.call(http.MethodPut, path, object{"name": "Acme", "billingEmail": ""}, http.StatusOK, &changed)
	require.Equal(t, "Acme", changed.Name)
	require.Nil(t, changed.BillingEmail)
	require.True(t, changed.Settings.RequireMFA, "what an update leaves out stays")
	require.Equal(t, "acm-sons-inc", changed.Slug)

	require.NoError(t, server.SetPlan(made.OrganizationID, "pro"))
	owner.call(http.MethodGet, path, nil, http.StatusOK, &changed)
	require.Equal(t, 50, changed.Settings.MaxAPIKeys)

	owner.problem(http.MethodPost, organizations, object{"name": "Other", "slug": "acm-sons-inc"}, http.StatusConflict)
	owner.problem(http.MethodPost, organizations, object{"name": "ACM sons inc"}, http.StatusConflict)
	owner.call(http.MethodDelete, path, nil, http.StatusNoContent, nil)
	owner.problem(http.MethodDelete, path, nil, http.StatusNotFound)
	owner.call(http.MethodPost, organizations, object{"name": "ACM sons inc"}, http.StatusCreated, nil)
}

func TestOrganizationBadInput(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	owner := asOwner(t, server)
	for want, body := range map[string]object{
		"2 to 100":                {"name": "A"},
		"slug must have":          {"name": "Fine", "slug": "Not Fine"},
		"slug must not be empty":  {"name": "Fine", "slug": ""},
		"billingEmail is not":     {"name": "Fine", "billingEmail": "nobody"},
		"slug must have letters ": {"name": "東京"},
	} {
		require.Contains(t, owner.problem(http.MethodPost, organizations, body, http.StatusBadRequest), want)
	}
	owner.problem(http.MethodPut, orgPath, object{"name": "A"}, http.StatusBadRequest)
	owner.problem(http.MethodPut, orgPath, object{"billingEmail": 7}, http.StatusBadRequest)
}

func TestStrangersAndRolesOfAnOrganization(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	require.NoError(t, server.AddMember(orgID, "worker@example.com", ""))
	worker := as(t, server, "worker@example.com", orgID)
	admin := as(t, server, "admin@example.com", orgID)
	var made organization
	asOwner(t, server).call(http.MethodPost, organizations, object{"name": "Private"}, http.StatusCreated, &made)
	worker.problem(http.MethodGet, organizations+"/"+made.OrganizationID, nil, http.StatusNotFound)
	worker.problem(http.MethodPut, orgPath, object{"name": "Mine"}, http.StatusForbidden)
	admin.call(http.MethodPut, orgPath, object{"name": "Ours"}, http.StatusOK, nil)
	require.Contains(t, admin.problem(http.MethodDelete, orgPath, nil, http.StatusForbidden), "role owner")
	worker.call(http.MethodGet, orgPath, nil, http.StatusOK, nil)
}
