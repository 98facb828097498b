// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

//nolint:bodyclose // attemptTransport has read and closed every body already.
package terrascale

import (
	"context"
	"net/http"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale/api"
)

// Plan is one of the service's offers. What is nil, the service does not say.
type Plan struct {
	// Type is what an organization's plan is called: "free", "pro" or "enterprise".
	ID, Name, Type string
	Description    *string
	// Prices are in hundredths of Currency, an ISO 4217 code.
	MonthlyPriceCents, YearlyPriceCents *int
	Currency                            *string
	TrialDays                           *int
	// IsActive says whether the plan can be chosen.
	IsActive  *bool
	SortOrder *int
	Features  []PlanFeature
	// Limits is nil for a plan without limits.
	Limits *PlanLimits
}

// PlanFeature is something that a plan includes, or does not.
type PlanFeature struct {
	Name     string
	Included bool
}

// PlanLimits are how much a plan allows. What is nil, the service does not say.
type PlanLimits struct {
	MaxDatabases, MaxTeamMembers *int
	MaxStorageGB                 *float64
	MaxRequestsPerMonth          *int64
}

// ListPlans returns the published plans. It needs no login.
func (c *Client) ListPlans(ctx context.Context) ([]Plan, error) {
	ctx, op := c.begin(ctx, "list plans", repeatAny)
	response, err := c.public.ListPlans(ctx)
	listed, err := decode[api.PlanList](op, response, err, http.StatusOK)
	if err != nil {
		return nil, err
	}
	plans := make([]Plan, 0, len(listed))
	for _, plan := range listed {
		if plan.PlanID == "" {
			return nil, op.invalid("it lists a plan without a planId")
		}
		plans = append(plans, planFromAPI(plan))
	}
	return plans, nil
}

func planFromAPI(p api.Plan) Plan {
	plan := Plan{
		ID: p.PlanID, Name: p.Name, Type: string(p.PlanType), Description: p.Description,
		MonthlyPriceCents: p.MonthlyPriceCents, YearlyPriceCents: p.YearlyPriceCents, Currency: p.Currency,
		TrialDays: p.TrialDays, IsActive: p.IsActive, SortOrder: p.SortOrder,
	}
	for _, feature := range p.Features {
		plan.Features = append(plan.Features, PlanFeature{Name: feature.Name, Included: feature.Included})
	}
	if p.Limits != nil {
		plan.Limits = &PlanLimits{
			MaxDatabases: p.Limits.MaxDatabases, MaxTeamMembers: p.Limits.MaxTeamMembers,
			MaxStorageGB: p.Limits.MaxStorageGb, MaxRequestsPerMonth: p.Limits.MaxRequestsPerMonth,
		}
	}
	return plan
}
