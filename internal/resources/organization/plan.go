// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
)

// ModifyPlan refuses to plan the end of a protected organization, and says what the end of another one means.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.State.Raw.IsNull() {
		return
	}
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(state.end(path.Root("deletion_protection"), "This destroys it.")...)
		return
	}
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	switch {
	case plan.Slug.IsUnknown():
		resp.Diagnostics.Append(state.end(path.Root("slug"), fmt.Sprintf(
			"The slug is %q, and the new one is known only at apply. If it differs, this destroys the organization and makes "+
				"a new one. Apply what the slug comes from first (terraform apply -target=…), or write the slug itself.", state.Slug.ValueString()))...)
	case !plan.Slug.Equal(state.Slug):
		resp.Diagnostics.Append(state.end(path.Root("slug"), fmt.Sprintf(
			"The service can't change a slug, so %q in place of %q destroys the organization and makes a new, empty one.",
			plan.Slug.ValueString(), state.Slug.ValueString()))...)
	}
}

// end is an error for a protected organization, and a warning for another one. How says what ends it.
func (m model) end(at path.Path, how string) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	if m.isProtected() {
		diagnostics.AddAttributeError(at, diagnostic.ProtectedFromDeletion, fmt.Sprintf(
			"%s Its databases and API keys would become unreachable.\n\n%s", named(m), how+" If that is what you want, set "+
				"deletion_protection = false, apply, and then do this. To keep the organization and only remove it from the state, use a removed "+
				"block with destroy = false, or terraform state rm."))
		return diagnostics
	}
	diagnostics.AddAttributeWarning(at, "An organization will be deleted: "+m.Name.ValueString(), fmt.Sprintf(
		"%s Its databases and API keys become unreachable.\n\n%s", named(m), how))
	return diagnostics
}

func named(m model) string {
	return fmt.Sprintf("Organization %q (%s).", m.Name.ValueString(), m.ID.ValueString())
}
