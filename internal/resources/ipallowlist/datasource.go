// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package ipallowlist

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

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

// listedModel is the data source in HCL's terms.
type listedModel struct {
	OrganizationID types.String           `tfsdk:"organization_id"`
	Enabled        types.Bool             `tfsdk:"enabled"`
	Entries        map[string]listedEntry `tfsdk:"entries"`
	CallerIP       types.String           `tfsdk:"caller_ip"`
}

type listedEntry struct {
	Description types.String     `tfsdk:"description"`
	CreatedAt   customtypes.Time `tfsdk:"created_at"`
}

// Metadata names the data source.
func (d *DataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = TypeName
}

// Schema describes the data source.
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the IP allowlist of an organization (plan Enterprise). An empty or disabled list allows every address.",
		Attributes: map[string]schema.Attribute{
			"organization_id": schema.StringAttribute{
				MarkdownDescription: "The organization. Default: the one that the provider works in.",
				Optional:            true, Computed: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"enabled": schema.BoolAttribute{MarkdownDescription: "Whether the list restricts anything.", Computed: true},
			"entries": schema.MapNestedAttribute{
				MarkdownDescription: "The networks that may call, by CIDR in canonical form, such as `203.0.113.0/24`.", Computed: true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"description": schema.StringAttribute{MarkdownDescription: "What the network is; null for nothing.", Computed: true},
					"created_at": schema.StringAttribute{
						MarkdownDescription: "When it was added, RFC 3339.", CustomType: customtypes.TimeType{}, Computed: true,
					},
				}},
			},
			"caller_ip": schema.StringAttribute{
				MarkdownDescription: "The address that the service saw this read come from.", Computed: true,
			},
		},
	}
}

// Configure takes the provider's data.
func (d *DataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = diagnostic.ProviderData(req.ProviderData, &resp.Diagnostics)
}

// Read reads the list.
func (d *DataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config listedModel
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("organization_id"), &config.OrganizationID)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = diagnostic.UnableToReadIPAllowlist
	client, err := d.data.API.Client()
	if err != nil {
		diagnostic.DataSourceFailure(summary, err, req, resp)
		return
	}
	organizationID, err := organization(ctx, client, model{OrganizationID: config.OrganizationID})
	if err != nil {
		diagnostic.DataSourceFailure(summary, err, req, resp)
		return
	}
	list, err := client.GetIPAllowlist(ctx, organizationID)
	switch {
	case errors.Is(err, terrascale.ErrNotFound):
		resp.Diagnostics.Append(diagnostic.OrganizationNotFound(path.Root("organization_id"), organizationID))
		return
	case err != nil:
		resp.Diagnostics.Append(failure(summary, err))
		return
	}
	config.fromList(organizationID, list)
	resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
}

func (m *listedModel) fromList(organizationID string, list terrascale.IPAllowlist) {
	m.OrganizationID, m.Enabled = types.StringValue(organizationID), types.BoolValue(list.Enabled)
	m.CallerIP = types.StringValue(list.CallerIP)
	m.Entries = make(map[string]listedEntry, len(list.Entries))
	for _, entry := range list.Entries {
		m.Entries[customtypes.NewCIDR(entry.CIDR).Canonical()] = listedEntry{
			Description: textValue(entry.Description), CreatedAt: customtypes.NewTime(entry.CreatedAt),
		}
	}
}
