// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package ipallowlist

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/collections"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/expiry"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/policyschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

// description is the page's first sentence; what follows the arguments is in templates/behaviour.
const description = "Manages the whole IP allowlist of an organization: the networks that may call the service."

// Schema describes the resource.
func (r *Resource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Version:             0, // Counted up with each change that an older state does not fit (TestStatesOfEveryVersionAreApplied).
		MarkdownDescription: description,
		Attributes: map[string]schema.Attribute{
			policyschema.Name: policyschema.Attribute(policy.OpenAllowlist),
			"organization_id": schema.StringAttribute{
				MarkdownDescription: "The organization. Default: the one that the provider works in. A change disables the list of " +
					"the old one.",
				Optional: true, Computed: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplace()},
			},
			"enabled": schema.BoolAttribute{
				MarkdownDescription: "Whether the list restricts anything. Default `true`.",
				Optional:            true, Computed: true, Default: booldefault.StaticBool(true),
			},
			"entries": schema.MapNestedAttribute{
				MarkdownDescription: "The networks that may call, by CIDR: IPv4 or IPv6 in canonical form, such as `203.0.113.0/24`, or " +
					"`203.0.113.7/32` for one address. What is not in here is removed from the list. An empty map allows every address.",
				Required:      true,
				PlanModifiers: []planmodifier.Map{collections.Unwalked()},
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					descriptionName: schema.StringAttribute{MarkdownDescription: "What the network is.", Optional: true},
					expiry.Name:     expiry.Attribute("entry"),
				}},
			},
			"expired_entries": schema.ListAttribute{
				MarkdownDescription: "Entries whose `expires_at` has passed. They are not on the list any more: you can remove them from the " +
					"configuration.",
				Computed: true, ElementType: types.StringType,
			},
			"allow_lockout": schema.BoolAttribute{
				MarkdownDescription: "Whether to let a list pass that lacks the address which the service sees the run come from. " +
					"Default `false`: such a list is an error at plan time.",
				Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			},
			"caller_ip": schema.StringAttribute{
				MarkdownDescription: "The address that the service saw the last refresh come from.", Computed: true,
			},
		},
	}
}
