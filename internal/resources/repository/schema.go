// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package repository

import (
	"context"

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
const description = "Manages a repository: a typed collection in a database."

// Schema describes the resource.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	keep := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	replace := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	notEmpty := []validator.String{stringvalidator.LengthAtLeast(1)}
	resp.Schema = schema.Schema{
		Version:             0, // Counted up with each change that an older state does not fit (TestStatesOfEveryVersionAreApplied).
		MarkdownDescription: description,
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{MarkdownDescription: "`database_id/repository_id`.", Computed: true, PlanModifiers: keep},
			"repository_id": schema.StringAttribute{
				MarkdownDescription: "The repository's own id.", Computed: true, PlanModifiers: keep,
			},
			"database_id": schema.StringAttribute{
				MarkdownDescription: "The database that it is in. A change replaces the repository.", Required: true, PlanModifiers: replace,
				Validators: notEmpty,
			},
			"name": schema.StringAttribute{
				MarkdownDescription: "The name, unique in the database. A change replaces the repository.", Required: true, PlanModifiers: replace,
				Validators: notEmpty,
			},
			"entity_name": schema.StringAttribute{
				MarkdownDescription: "What one entity is called, such as `User`. A change replaces the repository.", Required: true,
				PlanModifiers: replace, Validators: notEmpty,
			},
			"schema": schema.MapNestedAttribute{
				MarkdownDescription: "The fields by name. Default: they are free. A change replaces the repository.", Optional: true,
				NestedObject: schema.NestedAttributeObject{Attributes: fieldAttributes(levels), Validators: []validator.Object{typed{}}},
			},
			"deletion_protection": schema.BoolAttribute{
				MarkdownDescription: "Whether destroying or replacing the repository is an error. Default `true`.",
				Optional:            true, Computed: true, Default: booldefault.StaticBool(true),
			},
			"status": schema.StringAttribute{
				MarkdownDescription: "What the service said last, such as `Active`; empty where it does not say.", Computed: true, PlanModifiers: keep,
			},
			"was_active": schema.BoolAttribute{
				MarkdownDescription: "Whether the repository was seen to be usable, so that it may hold data. One that never was is not protected " +
					"by `deletion_protection` when Terraform replaces it.",
				Computed: true, PlanModifiers: []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()},
			},
			"created_at": schema.StringAttribute{
				MarkdownDescription: "When the repository was made, in RFC 3339.", CustomType: customtypes.TimeType{}, Computed: true, PlanModifiers: keep,
			},
		},
		Blocks: map[string]schema.Block{
			"timeouts": timeouts.Block(ctx, timeouts.Opts{
				Create:            true,
				CreateDescription: "How long the creation may take until the repository is `Active`, such as `10m`. Default: 20 minutes.",
			}),
		},
	}
}
