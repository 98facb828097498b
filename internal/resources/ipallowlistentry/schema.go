// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package ipallowlistentry

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
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/expiry"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/policyschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

// description is the page's first sentence; what follows the arguments is in templates/behaviour.
const description = "Manages one network on an organization's IP allowlist, for teams that share the list."

// Schema describes the resource.
func (r *Resource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	expiresAt := expiry.Attribute("entry")
	expiresAt.PlanModifiers = []planmodifier.String{customtypes.KeepTimeSpelling}
	resp.Schema = schema.Schema{
		Version:             0, // Counted up with each change that an older state does not fit (TestStatesOfEveryVersionAreApplied).
		MarkdownDescription: description,
		Attributes: map[string]schema.Attribute{
			policyschema.Name: policyschema.Attribute(policy.OpenAllowlist),
			"id": schema.StringAttribute{
				MarkdownDescription: "`organization_id/cidr`, with the CIDR in canonical form.", Computed: true,
			},
			"organization_id": schema.StringAttribute{
				MarkdownDescription: "The organization. Default: the one that the provider works in. A change replaces the entry.",
				Optional:            true, Computed: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplace()},
			},
			"cidr": schema.StringAttribute{
				MarkdownDescription: "An IPv4 or IPv6 network without host bits, such as `203.0.113.0/24`, or an address. A change swaps " +
					"the network in one write, so that there is no moment without either.",
				CustomType: customtypes.CIDRType{}, Required: true,
				PlanModifiers: []planmodifier.String{customtypes.KeepCIDRSpelling},
			},
			"description": schema.StringAttribute{MarkdownDescription: "What the network is.", Optional: true},
			expiry.Name:   expiresAt,
			"allow_lockout": schema.BoolAttribute{
				MarkdownDescription: "Whether to ask the service for a change that takes the address which the run comes from off the " +
					"list. Default `false`: such a change is an error. The service may refuse it all the same.",
				Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			},
			"allow_open": schema.BoolAttribute{
				MarkdownDescription: "Whether the removal of this entry may leave the list empty, so that every address may call. " +
					"Default `false`: that is an error. Removal goes by what the state says, so that a change has to be applied first.",
				Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			},
			"status": schema.StringAttribute{
				MarkdownDescription: "`active`, or `expired` once the entry has left the list because of `expires_at`.", Computed: true,
			},
		},
	}
}
