// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package accessreview is the data source terrascale_access_review.
package accessreview

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
	"github.com/terrascale/terraform-provider-terrascale/internal/review/access"
)

// DataSourceTypeName is the data source's full type name.
const DataSourceTypeName = "terrascale_access_review"

const summary = "Unable to review access"

var (
	_ datasource.DataSourceWithConfigure      = (*DataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*DataSource)(nil)
)

// DataSource is the data source.
type DataSource struct{ data *providerdata.Data }

// NewDataSource makes the data source.
func NewDataSource() datasource.DataSource { return &DataSource{} }

// Metadata names the data source.
func (d *DataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = DataSourceTypeName
}

// Configure takes the provider's data.
func (d *DataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = diagnostic.ProviderData(req.ProviderData, &resp.Diagnostics)
}

// ValidateConfig refuses a review of nothing.
func (d *DataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if config.reviewsNothing() {
		resp.Diagnostics.AddAttributeError(path.Root("organization"), "Nothing to review",
			"With organization = false, name at least one server in postgresql_servers, mysql_servers or redis_servers.")
	}
}

// Read asks the service and the servers, and reviews what they say.
func (d *DataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	input := access.Input{Production: d.data.Policy.Production, Exceptions: config.reasons()}
	if config.reviewsOrganization() {
		input.Organization = d.organization(ctx, &config, req, resp)
	}
	input.Servers = d.servers(ctx, config, req, resp)
	if resp.Diagnostics.HasError() || resp.Deferred != nil {
		return
	}
	config.fromResult(access.Review(input, config.thresholds(), d.data.Clock()))
	resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
}
