// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"net/http"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator/store"
)

type planBody struct {
	PlanID            string        `json:"planId"`
	Name              string        `json:"name"`
	PlanType          string        `json:"planType"`
	Description       string        `json:"description"`
	MonthlyPriceCents int           `json:"monthlyPriceCents"`
	YearlyPriceCents  int           `json:"yearlyPriceCents"`
	Currency          string        `json:"currency"`
	TrialDays         int           `json:"trialDays"`
	IsActive          bool          `json:"isActive"`
	SortOrder         int           `json:"sortOrder"`
	Features          []planFeature `json:"features"`
	Limits            *planLimits   `json:"limits"`
}

type planFeature struct {
	Name     string `json:"name"`
	Included bool   `json:"included"`
}

type planLimits struct {
	MaxDatabases        int     `json:"maxDatabases"`
	MaxStorageGB        float64 `json:"maxStorageGb"`
	MaxRequestsPerMonth int     `json:"maxRequestsPerMonth"`
	MaxTeamMembers      int     `json:"maxTeamMembers"`
}

// plans has the published prices and figures. Its maxTeamMembers differ from the settings.maxMembers of the
// service's own examples, which are what the emulator enforces.
var plans = []planBody{
	{
		PlanID: "plan_free", Name: "Free", PlanType: store.Free, Description: "To try TerraScale out.",
		Currency: "USD", IsActive: true, SortOrder: 1,
		Features: []planFeature{{Name: "IP allowlist", Included: false}},
		Limits:   &planLimits{MaxDatabases: 3, MaxStorageGB: 0.1, MaxRequestsPerMonth: 10_000, MaxTeamMembers: 1},
	},
	{
		PlanID: "plan_pro", Name: "Pro", PlanType: store.Pro, Description: "For teams in production.",
		MonthlyPriceCents: 2_900, YearlyPriceCents: 29_000, Currency: "USD", TrialDays: 14, IsActive: true, SortOrder: 2,
		Features: []planFeature{{Name: "IP allowlist", Included: false}},
		Limits:   &planLimits{MaxDatabases: 10, MaxStorageGB: 10, MaxRequestsPerMonth: 1_000_000, MaxTeamMembers: 10},
	},
	{
		PlanID: "plan_enterprise", Name: "Enterprise", PlanType: store.Enterprise, Description: "For large organizations.",
		Currency: "USD", IsActive: true, SortOrder: 3,
		Features: []planFeature{{Name: "IP allowlist", Included: true}},
	},
}

func listPlans(c *call) error { return c.send(http.StatusOK, plans) }

func getPlan(c *call) error {
	for _, plan := range plans {
		if plan.PlanID == c.path("planId") {
			return c.send(http.StatusOK, plan)
		}
	}
	return &problem{status: http.StatusNotFound, detail: "There is no plan " + c.path("planId") + "."}
}
