// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plans

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

// model is the data source in HCL's terms.
type model struct {
	Plans []planModel `tfsdk:"plans"`
}

type planModel struct {
	ID                types.String    `tfsdk:"id"`
	Name              types.String    `tfsdk:"name"`
	Type              types.String    `tfsdk:"type"`
	Description       types.String    `tfsdk:"description"`
	MonthlyPriceCents types.Int64     `tfsdk:"monthly_price_cents"`
	YearlyPriceCents  types.Int64     `tfsdk:"yearly_price_cents"`
	Currency          types.String    `tfsdk:"currency"`
	TrialDays         types.Int64     `tfsdk:"trial_days"`
	IsActive          types.Bool      `tfsdk:"is_active"`
	Features          map[string]bool `tfsdk:"features"`
	Limits            *limitsModel    `tfsdk:"limits"`
}

type limitsModel struct {
	Databases        types.Int64   `tfsdk:"databases"`
	Members          types.Int64   `tfsdk:"members"`
	RequestsPerMonth types.Int64   `tfsdk:"requests_per_month"`
	StorageGB        types.Float64 `tfsdk:"storage_gb"`
}

func fromPlan(p terrascale.Plan) planModel {
	m := planModel{
		ID: types.StringValue(p.ID), Name: types.StringValue(p.Name), Type: types.StringValue(p.Type),
		Description:       types.StringPointerValue(p.Description),
		MonthlyPriceCents: whole(p.MonthlyPriceCents), YearlyPriceCents: whole(p.YearlyPriceCents),
		Currency: types.StringPointerValue(p.Currency), TrialDays: whole(p.TrialDays), IsActive: types.BoolPointerValue(p.IsActive),
		Features: map[string]bool{},
	}
	for _, feature := range p.Features {
		m.Features[feature.Name] = feature.Included
	}
	if p.Limits != nil {
		m.Limits = &limitsModel{
			Databases: whole(p.Limits.MaxDatabases), Members: whole(p.Limits.MaxTeamMembers),
			RequestsPerMonth: types.Int64PointerValue(p.Limits.MaxRequestsPerMonth),
			StorageGB:        types.Float64PointerValue(p.Limits.MaxStorageGB),
		}
	}
	return m
}

func whole(number *int) types.Int64 {
	if number == nil {
		return types.Int64Null()
	}
	return types.Int64Value(int64(*number))
}
