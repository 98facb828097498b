// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package teammember

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

// DataSourceTypeName is the data source's full type name.
const DataSourceTypeName = "terrascale_team_members"

var _ datasource.DataSourceWithConfigure = (*DataSource)(nil)

// DataSource is the data source: everybody who belongs to an organization, or is invited to it.
type DataSource struct{ data *providerdata.Data }

// NewDataSource makes the data source.
func NewDataSource() datasource.DataSource { return &DataSource{} }

// listModel is the data source in HCL's terms.
type listModel struct {
	OrganizationID types.String  `tfsdk:"organization_id"`
	Role           types.String  `tfsdk:"role"`
	Status         types.String  `tfsdk:"status"`
	Members        []listedModel `tfsdk:"members"`
}

type listedModel struct {
	Email      customtypes.Email `tfsdk:"email"`
	Role       types.String      `tfsdk:"role"`
	Status     types.String      `tfsdk:"status"`
	UserID     types.String      `tfsdk:"user_id"`
	Name       types.String      `tfsdk:"name"`
	JoinedAt   customtypes.Time  `tfsdk:"joined_at"`
	InvitedAt  customtypes.Time  `tfsdk:"invited_at"`
	InvitedBy  types.String      `tfsdk:"invited_by"`
	MFAEnabled types.Bool        `tfsdk:"mfa_enabled"`
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
		MarkdownDescription: "Lists the members of an organization, and the invitations to it.",
		Attributes: map[string]schema.Attribute{
			"organization_id": schema.StringAttribute{
				MarkdownDescription: "The organization. Default: the one that the provider works in.",
				Optional:            true, Computed: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"role": schema.StringAttribute{
				MarkdownDescription: "Lists members of this role only: `owner`, `admin`, `member` or `readonly`.", Optional: true,
				Validators: []validator.String{stringvalidator.OneOf(terrascale.Roles...)},
			},
			"status": schema.StringAttribute{
				MarkdownDescription: "Lists members of this status only: `active`, or `pending` for invitations. A service that lists " +
					"invitations in another status can be asked for those, too.",
				Optional: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"members": schema.ListNestedAttribute{
				MarkdownDescription: "The members, in the service's order.", Computed: true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"email": schema.StringAttribute{
						MarkdownDescription: "The member's address.", CustomType: customtypes.EmailType{}, Computed: true,
					},
					"role":       text("`owner`, `admin`, `member` or `readonly`."),
					"status":     text("`active`, or `pending` until the invitation is accepted."),
					"user_id":    text("The service's id of the user; null while the invitation is pending."),
					"name":       text("The user's name; null while the invitation is pending."),
					"joined_at":  instant("When the invitation was accepted, RFC 3339; null while it is pending."),
					"invited_at": instant("When the invitation was sent, RFC 3339; null for the organization's founder."),
					"invited_by": text("User id of whoever sent the invitation; null for the organization's founder."),
					"mfa_enabled": schema.BoolAttribute{
						MarkdownDescription: "Whether the user has a second factor; null where the service does not say.", Computed: true,
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

// Read lists the members.
func (d *DataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config listModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to read team members"
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
	listed, err := client.Members(ctx, organizationID)
	if errors.Is(err, terrascale.ErrNotFound) {
		resp.Diagnostics.Append(diagnostic.OrganizationNotFound(path.Root("organization_id"), organizationID))
		return
	}
	if err != nil {
		diagnostic.DataSourceFailure(summary, err, req, resp)
		return
	}
	config.OrganizationID = types.StringValue(organizationID)
	config.Members = []listedModel{}
	for _, member := range listed {
		if matches(config.Role, member.Role) && matches(config.Status, member.Status) {
			config.Members = append(config.Members, fromListing(member))
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
}

// matches reports whether a value passes a filter. No filter lets all pass.
func matches(filter types.String, value string) bool {
	return filter.IsNull() || filter.ValueString() == value
}

func fromListing(member terrascale.Member) listedModel {
	return listedModel{
		Email: customtypes.NewEmail(member.Email), Role: types.StringValue(member.Role), Status: types.StringValue(member.Status),
		UserID: types.StringPointerValue(member.UserID), Name: types.StringPointerValue(member.Name),
		JoinedAt: customtypes.NewTimePointer(member.JoinedAt), InvitedAt: customtypes.NewTimePointer(member.InvitedAt),
		InvitedBy: types.StringPointerValue(member.InvitedBy), MFAEnabled: types.BoolPointerValue(member.MFAEnabled),
	}
}
