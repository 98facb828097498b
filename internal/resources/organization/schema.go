// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
)

// description is the page's first sentence; what follows the arguments is in templates/behaviour.
const description = "Manages an organization: the container of databases, API keys, members and an IP allowlist."

// What the resource and the data source both say of an attribute.
const (
	idDescription       = "The service's id of the organization."
	planDescription     = "`free`, `pro` or `enterprise`. The service has no call that changes it."
	statusDescription   = "`active` or `suspended`."
	ownerDescription    = "User id of the owner."
	limitsDescription   = "How much the organization can hold."
	databaseDescription = "Databases."
	keysDescription     = "API keys that work."
	membersDescription  = "Members, invitations included."
)

// Schema describes the resource.
func (r *Resource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	kept := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	resp.Schema = schema.Schema{
		Version:             0, // Counted up with each change that an older state does not fit (TestStatesOfEveryVersionAreApplied).
		MarkdownDescription: description,
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "What the organization is called, 2 to 100 characters.", Required: true,
				Validators: []validator.String{stringvalidator.UTF8LengthBetween(2, 100)},
			},
			"slug": schema.StringAttribute{
				MarkdownDescription: "The organization's short name in addresses. Default: the service makes one from the name, and a " +
					"change of the name leaves it as it is. A change replaces the organization.",
				Optional: true, Computed: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplaceIfConfigured()},
			},
			"billing_email": schema.StringAttribute{
				MarkdownDescription: "Where invoices go. Upper and lower case are the same. Without it, the organization has no such address.",
				CustomType:          customtypes.EmailType{}, Optional: true,
				PlanModifiers: []planmodifier.String{customtypes.KeepEmailSpelling},
			},
			"require_mfa": schema.BoolAttribute{
				MarkdownDescription: "Whether members need a second factor. Default: as it is at the service.",
				Optional:            true, Computed: true, PlanModifiers: []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()},
			},
			"deletion_protection": schema.BoolAttribute{
				MarkdownDescription: "Whether destroying or replacing the organization is an error, at plan time. Default `true`. The " +
					"value in the state counts: set it to `false` and apply before you destroy.",
				Optional: true, Computed: true, Default: booldefault.StaticBool(true),
			},
			"id":            schema.StringAttribute{MarkdownDescription: idDescription, Computed: true, PlanModifiers: kept},
			"plan":          schema.StringAttribute{MarkdownDescription: planDescription, Computed: true, PlanModifiers: kept},
			"status":        schema.StringAttribute{MarkdownDescription: statusDescription, Computed: true, PlanModifiers: kept},
			"owner_user_id": schema.StringAttribute{MarkdownDescription: ownerDescription, Computed: true, PlanModifiers: kept},
			"limits": schema.SingleNestedAttribute{
				MarkdownDescription: limitsDescription, Computed: true,
				PlanModifiers: []planmodifier.Object{objectplanmodifier.UseStateForUnknown()},
				Attributes: map[string]schema.Attribute{
					"databases": schema.Int64Attribute{MarkdownDescription: databaseDescription, Computed: true},
					"api_keys":  schema.Int64Attribute{MarkdownDescription: keysDescription, Computed: true},
					"members":   schema.Int64Attribute{MarkdownDescription: membersDescription, Computed: true},
				},
			},
		},
	}
}
