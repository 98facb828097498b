// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package connectioncheck is the data source terrascale_connection_check.
package connectioncheck

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/adapterschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// DataSourceTypeName is the data source's full type name.
const DataSourceTypeName = "terrascale_connection_check"

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

// ValidateConfig refuses what an adapter refuses.
func (d *DataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(config.connection().Validate("")...)
}

// Read opens the connection. That it can't be opened is what was asked, and no error.
func (d *DataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	seen := config.toTarget().check(ctx, d.data.Clock)
	if ctx.Err() != nil {
		resp.Diagnostics.AddError("Connection check interrupted", "The run was stopped before the database answered, so the check has no result. Run it again.")
		return
	}
	config.fromOutcome(seen)
	resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
}

func (m model) connection() adapterschema.Connection {
	return adapterschema.Connection{Connector: m.Connector, ConnectionString: m.ConnectionString, Options: m.Options, At: path.Empty()}
}
