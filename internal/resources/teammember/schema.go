// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package teammember

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/policyschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

// description is the page's first sentence; what follows the arguments is in templates/behaviour.
const description = "Manages a person's membership of an organization, from the invitation to the removal."

// Schema describes the resource.
func (r *Resource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Version:             0, // Counted up with each change that an older state does not fit (TestStatesOfEveryVersionAreApplied).
		MarkdownDescription: description,
		Attributes: map[string]schema.Attribute{
			policyschema.Name: policyschema.Attribute(policy.ExtraOwner),
			"email": schema.StringAttribute{
				MarkdownDescription: "Address to invite. Upper and lower case are the same. A change removes the member and invites " +
					"the other.",
				CustomType: customtypes.EmailType{}, Required: true,
				PlanModifiers: []planmodifier.String{customtypes.KeepEmailSpelling, keepAddress{}, stringplanmodifier.RequiresReplace()},
			},
			"role": schema.StringAttribute{
				MarkdownDescription: "`owner`, `admin`, `member` or `readonly`. Only an owner can make an owner.",
				Required:            true, Validators: []validator.String{stringvalidator.OneOf(terrascale.Roles...)},
			},
			"organization_id": schema.StringAttribute{
				MarkdownDescription: "The organization. Default: the one that the provider works in. A change removes the member " +
					"from the old one and invites to the new one.",
				Optional: true, Computed: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplace()},
			},
			"revoke_api_keys_on_removal": schema.BoolAttribute{
				MarkdownDescription: "Whether the working API keys that the member made are revoked before the member is removed. " +
					"Each is reported. Default `false`.",
				Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			},
			"id": schema.StringAttribute{
				MarkdownDescription: "`organization_id/email`.", Computed: true,
			},
			"user_id": schema.StringAttribute{
				MarkdownDescription: "The service's id of the user; null while the invitation is pending.", Computed: true,
			},
			"name": schema.StringAttribute{
				MarkdownDescription: "The user's name; null while the invitation is pending.", Computed: true,
			},
			"status": schema.StringAttribute{
				MarkdownDescription: "`pending` until the invitation is accepted, then `active`; the service may have more.", Computed: true,
			},
			"joined_at": schema.StringAttribute{
				MarkdownDescription: "When the invitation was accepted, RFC 3339; null while it is pending.",
				CustomType:          customtypes.TimeType{}, Computed: true,
			},
			"invited_at": schema.StringAttribute{
				MarkdownDescription: "When the invitation was sent, RFC 3339; null for the organization's founder.",
				CustomType:          customtypes.TimeType{}, Computed: true,
			},
			"invited_by": schema.StringAttribute{
				MarkdownDescription: "User id of whoever sent the invitation; null for the organization's founder.", Computed: true,
			},
			"mfa_enabled": schema.BoolAttribute{
				MarkdownDescription: "Whether the user has a second factor; null where the service does not say.", Computed: true,
			},
		},
	}
}
