// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package database

import (
	"context"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
)

// description is the page's first sentence; what follows the arguments is in templates/behaviour.
const description = "Manages a database of the organization that the provider works in."

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// Schema describes the resource.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	keep := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	replace := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	resp.Schema = schema.Schema{
		Version:             0, // Counted up with each change that an older state does not fit (TestStatesOfEveryVersionAreApplied).
		MarkdownDescription: description,
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{MarkdownDescription: "The database's id.", Computed: true, PlanModifiers: keep},
			"name": schema.StringAttribute{
				MarkdownDescription: "The name, unique in the organization: 3 to 63 characters a–z, 0–9 and `-`, the first one a letter. A " +
					"change replaces the database.",
				Required: true, PlanModifiers: replace,
				Validators: []validator.String{
					stringvalidator.LengthBetween(3, 63),
					stringvalidator.RegexMatches(namePattern, "must hold only a–z, 0–9 and -, and start with a letter"),
				},
			},
			"region": schema.StringAttribute{
				MarkdownDescription: "Where the database is, such as `us-east-1`. A change replaces the database.",
				Required:            true, PlanModifiers: replace, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"settings": schema.StringAttribute{
				MarkdownDescription: "The database's settings, a JSON object (`jsonencode({…})`), which the service defines; compared by value. " +
					"Default: the service's. A change replaces the database.",
				Optional: true, Computed: true, Validators: []validator.String{jsonObject{}},
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown(), keepJSONSpelling{}, stringplanmodifier.RequiresReplace()},
			},
			"deletion_protection": schema.BoolAttribute{
				MarkdownDescription: "Whether destroying or replacing the database is an error. Default `true`.",
				Optional:            true, Computed: true, Default: booldefault.StaticBool(true),
			},
			"status": schema.StringAttribute{
				MarkdownDescription: "What the service said last: `Creating`, `Active`, `Inactive`, `Maintenance`, `Deleting`, `Error`, " +
					"`BackingUp` or `Restoring`.",
				Computed: true, PlanModifiers: keep,
			},
			"was_active": schema.BoolAttribute{
				MarkdownDescription: "Whether the database was seen to be usable, so that it may hold data. One that never was is not protected " +
					"by `deletion_protection` when Terraform replaces it.",
				Computed: true, PlanModifiers: []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()},
			},
			"created_at": schema.StringAttribute{
				MarkdownDescription: "When the database was made, in RFC 3339.", CustomType: customtypes.TimeType{}, Computed: true, PlanModifiers: keep,
			},
		},
		Blocks: map[string]schema.Block{
			"timeouts": timeouts.Block(ctx, timeouts.Opts{
				Create: true, Delete: true,
				CreateDescription: "How long the creation may take until the database is `Active`, such as `30m`. Default: 20 minutes.",
				DeleteDescription: "How long the deletion may take until the database is gone. Default: 20 minutes.",
			}),
		},
	}
}
