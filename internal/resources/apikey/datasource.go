// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// DataSourceTypeName is the data source's full type name.
const DataSourceTypeName = "terrascale_api_keys"

var _ datasource.DataSourceWithConfigure = (*DataSource)(nil)

// DataSource is the data source: the keys of the organization that the provider works in.
type DataSource struct{ data *providerdata.Data }

// NewDataSource makes the data source.
func NewDataSource() datasource.DataSource { return &DataSource{} }

// listModel is the data source in HCL's terms.
type listModel struct {
	Status types.String  `tfsdk:"status"`
	Keys   []listedModel `tfsdk:"keys"`
}

type listedModel struct {
	KeyID      types.String     `tfsdk:"key_id"`
	KeyPrefix  types.String     `tfsdk:"key_prefix"`
	Name       types.String     `tfsdk:"name"`
	Scopes     []string         `tfsdk:"scopes"`
	Status     types.String     `tfsdk:"status"`
	CreatedAt  customtypes.Time `tfsdk:"created_at"`
	CreatedBy  types.String     `tfsdk:"created_by"`
	ExpiresAt  customtypes.Time `tfsdk:"expires_at"`
	LastUsedAt customtypes.Time `tfsdk:"last_used_at"`
}

// Metadata names the data source.
func (d *DataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = DataSourceTypeName
}

// Schema describes the data source.
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	instant := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, CustomType: customtypes.TimeType{}, Computed: true}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the API keys of the organization that the provider works in, revoked and expired ones too. No list " +
			"holds a key's secret.",
		Attributes: map[string]schema.Attribute{
			"status": schema.StringAttribute{
				MarkdownDescription: "Lists keys of this status only: `active`, `expired` or `revoked`.", Optional: true,
				Validators: []validator.String{stringvalidator.OneOf(
					string(terrascale.KeyActive), string(terrascale.KeyExpired), string(terrascale.KeyRevoked))},
			},
			"keys": schema.ListNestedAttribute{
				MarkdownDescription: "The keys, in the service's order.", Computed: true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"key_id":     text("The service's id of the key."),
					"key_prefix": text("The visible start of the key."),
					"name":       text("What the key is for. Names are not unique."),
					"scopes": schema.SetAttribute{
						MarkdownDescription: "What the key may do.", Computed: true, ElementType: types.StringType,
					},
					"status": text("`active`, `expired` or `revoked`, by the clock of the machine that Terraform runs on. A revoked key stays " +
						"`revoked` when it expires."),
					"created_at":   instant("When the key was made, RFC 3339."),
					"created_by":   text("User id of whoever made the key; null where the service does not say."),
					"expires_at":   instant("When the key ends, RFC 3339; null for never."),
					"last_used_at": instant("When the key was last used, RFC 3339; null for never."),
				}},
			},
		},
	}
}

// Configure takes the provider's data.
func (d *DataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = diagnostic.ProviderData(req.ProviderData, &resp.Diagnostics)
}

// Read lists the keys.
func (d *DataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config listModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to read API keys"
	client, err := d.data.API.Client()
	if err != nil {
		diagnostic.DataSourceFailure(summary, err, req, resp)
		return
	}
	listed, err := client.APIKeys(ctx)
	if err != nil {
		diagnostic.DataSourceFailure(summary, err, req, resp)
		return
	}
	config.Keys = []listedModel{}
	now := d.data.Clock()
	for _, key := range listed {
		if status := string(key.Status(now)); config.Status.IsNull() || config.Status.ValueString() == status {
			config.Keys = append(config.Keys, fromKey(key, status))
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
}

func fromKey(key terrascale.APIKey, status string) listedModel {
	return listedModel{
		KeyID: types.StringValue(key.ID), KeyPrefix: types.StringValue(key.Prefix), Name: types.StringValue(key.Name),
		Scopes: key.Scopes, Status: types.StringValue(status), CreatedAt: customtypes.NewTime(key.CreatedAt),
		CreatedBy: types.StringPointerValue(key.CreatedBy), ExpiresAt: customtypes.NewTimePointer(key.ExpiresAt),
		LastUsedAt: customtypes.NewTimePointer(key.LastUsedAt),
	}
}
