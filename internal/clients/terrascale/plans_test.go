// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

const listPlans = "GET /api/v1/plans"

func TestListPlansNeedsNoLogin(t *testing.T) {
	s := serve(t, map[string]http.HandlerFunc{listPlans: reply(200, []object{
		{
			"planId": "plan_free", "name": "Free", "planType": "free", "monthlyPriceCents": 0,
			"features": []object{{"name": "IP allowlist", "included": false}},
			"limits":   object{"maxDatabases": 3, "maxStorageGb": 0.1, "maxRequestsPerMonth": 10_000_000_000},
		},
		{"planId": "plan_x", "name": "X", "planType": "enterprise", "limits": nil, "unheard": "of"},
	})})
	client, err := terrascale.New(terrascale.Config{Endpoint: s.URL})
	require.NoError(t, err)
	plans, err := client.ListPlans(t.Context())
	require.NoError(t, err)
	free, databases, storage, requests := 0, 3, 0.1, int64(10_000_000_000)
	require.Equal(t, []terrascale.Plan{
		{
			ID: "plan_free", Name: "Free", Type: "free", MonthlyPriceCents: &free,
			Features: []terrascale.PlanFeature{{Name: "IP allowlist"}},
			Limits:   &terrascale.PlanLimits{MaxDatabases: &databases, MaxStorageGB: &storage, MaxRequestsPerMonth: &requests},
		},
		{ID: "plan_x", Name: "X", Type: "enterprise"},
	}, plans)
	require.Empty(t, s.calls(listPlans)[0].Header.Get("Authorization"))
}

func TestPlanWithoutIDIsNotUnderstood(t *testing.T) {
	s := serve(t, map[string]http.HandlerFunc{listPlans: reply(200, []object{{"name": "Free", "planType": "free"}})})
	client, _ := newClient(t, s, terrascale.Config{})
	_, err := client.ListPlans(t.Context())
	require.ErrorIs(t, err, terrascale.ErrInvalidAnswer)
}
