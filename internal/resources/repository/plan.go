// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package repository

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
)

// ValidateConfig refuses fields that contradict themselves.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	at := path.Root("schema")
	fields, err := toFields(config.Schema)
	if err != nil {
		resp.Diagnostics.AddAttributeError(at, invalidSchema, "The service's terms of a field are type, required, minLength, maxLength, pattern, "+
			"min, max, default, items, minItems, maxItems and properties: "+err.Error())
		return
	}
	resp.Diagnostics.Append(checkFields(at, fields, levels)...)
}

// ModifyPlan refuses to lose a protected repository, and says what a replacement loses.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.State.Raw.IsNull() {
		return
	}
	var state, plan model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	isProtected := state.DeletionProtection.ValueBool()
	if req.Plan.Raw.IsNull() {
		if isProtected {
			resp.Diagnostics.Append(diagnostic.Protected("repository", state.Name.ValueString()))
		}
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	var changes path.Paths
	for name, changed := range map[string]bool{
		"database_id": !plan.DatabaseID.Equal(state.DatabaseID),
		"name":        !plan.Name.Equal(state.Name),
		"entity_name": !plan.EntityName.Equal(state.EntityName),
		"schema":      !sameSchema(ctx, plan, state),
	} {
		if changed {
			changes.Append(path.Root(name))
		}
	}
	if changes.Contains(path.Root("schema")) {
		resp.RequiresReplace.Append(path.Root("schema"))
	} else {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("schema"), state.Schema)...)
	}
	resp.Diagnostics.Append(diagnostic.Replaced("repository", state.Name.ValueString(), isProtected, changes)...)
}
