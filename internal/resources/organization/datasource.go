// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

var _ datasource.DataSourceWithConfigure = (*DataSource)(nil)

// DataSource is the data source.
type DataSource struct{ data *providerdata.Data }

// NewDataSource makes the data source.
func NewDataSource() datasource.DataSource { return &DataSource{} }

// Metadata names the data source.
func (d *DataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = TypeName
}

// Schema describes the data source.
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads an organization: the one that the provider works in, or another one that the user it logs in as " +
			"belongs to. One that is not there, or was deleted, is an error.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: idDescription + " Default: the one that the provider works in.",
				Optional:            true, Computed: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"name": schema.StringAttribute{MarkdownDescription: "What the organization is called.", Computed: true},
			"slug": schema.StringAttribute{MarkdownDescription: "The organization's short name in addresses.", Computed: true},
			"billing_email": schema.StringAttribute{
				MarkdownDescription: "Where invoices go; null for nowhere.", CustomType: customtypes.EmailType{}, Computed: true,
			},
			"require_mfa":   schema.BoolAttribute{MarkdownDescription: "Whether members need a second factor.", Computed: true},
			"plan":          schema.StringAttribute{MarkdownDescription: "`free`, `pro` or `enterprise`.", Computed: true},
			"status":        schema.StringAttribute{MarkdownDescription: statusDescription, Computed: true},
			"owner_user_id": schema.StringAttribute{MarkdownDescription: ownerDescription, Computed: true},
			"limits": schema.SingleNestedAttribute{
				MarkdownDescription: limitsDescription, Computed: true,
				Attributes: map[string]schema.Attribute{
					"databases": schema.Int64Attribute{MarkdownDescription: databaseDescription, Computed: true},
					"api_keys":  schema.Int64Attribute{MarkdownDescription: keysDescription, Computed: true},
					"members":   schema.Int64Attribute{MarkdownDescription: membersDescription, Computed: true},
				},
			},
		},
	}
}

// Configure takes the provider's data.
func (d *DataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = diagnostic.ProviderData(req.ProviderData, &resp.Diagnostics)
}

// Read reads the organization.
func (d *DataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config facts
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = readSummary
	client, err := d.data.API.Client()
	if err != nil {
		diagnostic.DataSourceFailure(summary, err, req, resp)
		return
	}
	organizationID := config.ID.ValueString()
	if organizationID == "" {
		if organizationID, err = client.ActiveOrganizationID(ctx); err != nil {
			diagnostic.DataSourceFailure(summary, err, req, resp)
			return
		}
	}
	found, err := client.GetOrganization(ctx, organizationID)
	if errors.Is(err, terrascale.ErrNotFound) || err == nil && found.Status == terrascale.OrganizationDeleted {
		resp.Diagnostics.Append(diagnostic.OrganizationNotFound(path.Root("id"), organizationID))
		return
	}
	if err != nil {
		diagnostic.DataSourceFailure(summary, err, req, resp)
		return
	}
	config.fromOrganization(found)
	resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
}
