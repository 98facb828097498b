// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package plans is the data source terrascale_plans.
package plans

import (
	"cmp"
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// DataSourceTypeName is the data source's full type name.
const DataSourceTypeName = "terrascale_plans"

var _ datasource.DataSourceWithConfigure = (*DataSource)(nil)

// DataSource is the data source.
type DataSource struct{ data *providerdata.Data }

// NewDataSource makes the data source.
func NewDataSource() datasource.DataSource { return &DataSource{} }

// Metadata names the data source.
func (d *DataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = DataSourceTypeName
}

// Schema describes the data source.
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	number := func(description string) schema.Int64Attribute {
		return schema.Int64Attribute{MarkdownDescription: description, Computed: true}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the plans that the service publishes, in its order. Reading them needs no login.",
		Attributes: map[string]schema.Attribute{
			"plans": schema.ListNestedAttribute{
				MarkdownDescription: "The plans.", Computed: true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":                  text("The service's id of the plan."),
					"name":                text("The plan's name."),
					"type":                text("What an organization's `plan` says: `free`, `pro` or `enterprise`."),
					"description":         text("Whom the plan is for."),
					"monthly_price_cents": number("Price of a month, in hundredths of `currency`."),
					"yearly_price_cents":  number("Price of a year, in hundredths of `currency`."),
					"currency":            text("ISO 4217 code, such as `USD`."),
					"trial_days":          number("How long it can be tried."),
					"is_active": schema.BoolAttribute{
						MarkdownDescription: "Whether it can be chosen.", Computed: true,
					},
					"features": schema.MapAttribute{
						MarkdownDescription: "What it includes, by name: `true` for what is included.", Computed: true, ElementType: types.BoolType,
					},
					"limits": schema.SingleNestedAttribute{
						MarkdownDescription: "How much it allows; null for a plan without limits.", Computed: true,
						Attributes: map[string]schema.Attribute{
							"databases":          number("Databases."),
							"members":            number("Members."),
							"requests_per_month": number("Requests a month."),
							"storage_gb": schema.Float64Attribute{
								MarkdownDescription: "Storage, in gigabytes.", Computed: true,
							},
						},
					},
				}},
			},
		},
	}
}

// Configure takes the provider's data.
func (d *DataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = diagnostic.ProviderData(req.ProviderData, &resp.Diagnostics)
}

// Read lists the plans.
func (d *DataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	const summary = "Unable to read plans"
	client, err := d.data.API.Client()
	if err != nil {
		diagnostic.DataSourceFailure(summary, err, req, resp)
		return
	}
	listed, err := client.ListPlans(ctx)
	if err != nil {
		diagnostic.DataSourceFailure(summary, err, req, resp)
		return
	}
	slices.SortStableFunc(listed, func(a, b terrascale.Plan) int { return cmp.Compare(position(a), position(b)) })
	state := model{Plans: make([]planModel, 0, len(listed))}
	for _, plan := range listed {
		state.Plans = append(state.Plans, fromPlan(plan))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

func position(p terrascale.Plan) int {
	if p.SortOrder == nil {
		return 0
	}
	return *p.SortOrder
}
