// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

func organizationJSON() object {
	return object{
		"organizationId": "org_1", "name": "Acme", "slug": "acme", "ownerUserId": "usr_1", "plan": "pro", "status": "active",
		"billingEmail": nil, "createdAt": "2026-01-15T10:00:00Z", "updatedAt": "2026-01-16T10:00:00.5Z",
		"settings": object{
			"maxDatabases": 10, "maxApiKeys": 20, "maxMembers": 30, "allowedRegions": nil, "requireMfa": true, "ssoEnabled": false,
		},
	}
}

func acme() terrascale.Organization {
	updated := time.Date(2026, 1, 16, 10, 0, 0, 500_000_000, time.UTC)
	return terrascale.Organization{
		ID: "org_1", Name: "Acme", Slug: "acme", OwnerUserID: "usr_1", Plan: "pro", Status: "active",
		CreatedAt: time.Date(2026, 1, 15, 10, 0, 0, 0, time.UTC), UpdatedAt: &updated,
		Settings: terrascale.OrganizationSettings{MaxDatabases: 10, MaxAPIKeys: 20, MaxMembers: 30, RequireMFA: true},
	}
}

func TestOrganizations(t *testing.T) {
	const create = "POST /api/v1/organizations"
	s := serve(t, map[string]http.HandlerFunc{
		create:             reply(201, organizationJSON()),
		getOrganization:    reply(200, organizationJSON()),
		putOrganization:    reply(200, organizationJSON()),
		deleteOrganization: reply(204, nil),
		"GET /api/v1/organizations": reply(200, object{"organizations": []object{
			{"organizationId": "org_1", "organizationName": "Acme", "role": "admin", "joinedAt": "2026-01-15T10:00:00Z"},
		}}),
	})
	client, _ := newClient(t, s, terrascale.Config{})
	ctx := t.Context()

	for _, row := range []struct {
		organization terrascale.NewOrganization
		body         string
	}{
		{terrascale.NewOrganization{Name: "Acme"}, `{"name":"Acme"}`},
		{terrascale.NewOrganization{Name: "Acme", Slug: "acme", BillingEmail: "a@b.example"}, `{"name":"Acme","slug":"acme","billingEmail":"a@b.example"}`},
	} {
		organization, err := client.CreateOrganization(ctx, row.organization)
		require.NoError(t, err)
		require.Equal(t, acme(), organization)
		calls := s.calls(create)
		require.JSONEq(t, row.body, calls[len(calls)-1].Body)
	}

	organization, err := client.GetOrganization(ctx, "org_1")
	require.NoError(t, err)
	require.Equal(t, acme(), organization)

	name, off := "Acme Ltd", false
	for _, row := range []struct {
		update terrascale.OrganizationUpdate
		body   string
	}{
		{terrascale.OrganizationUpdate{}, `{}`},
		{terrascale.OrganizationUpdate{Name: &name}, `{"name":"Acme Ltd"}`},
		{terrascale.OrganizationUpdate{RequireMFA: &off}, `{"settings":{"requireMfa":false}}`},
	} {
		organization, err := client.UpdateOrganization(ctx, "org_1", row.update)
		require.NoError(t, err)
		require.Equal(t, acme(), organization)
		calls := s.calls(putOrganization)
		require.JSONEq(t, row.body, calls[len(calls)-1].Body)
	}

	memberships, err := client.ListOrganizations(ctx)
	require.NoError(t, err)
	require.Equal(t, []terrascale.Membership{{
		OrganizationID: "org_1", OrganizationName: "Acme", Role: "admin", JoinedAt: time.Date(2026, 1, 15, 10, 0, 0, 0, time.UTC),
	}}, memberships)

	require.NoError(t, client.DeleteOrganization(ctx, "org_1"))
	require.ErrorIs(t, client.DeleteOrganization(ctx, "org_2"), terrascale.ErrNotFound)
	_, err = client.GetOrganization(ctx, "..")
	require.ErrorIs(t, err, terrascale.ErrInvalidArgument)
}
