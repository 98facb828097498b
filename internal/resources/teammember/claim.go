// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package teammember

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// replacedKey is in the private state that the first of the two plans of a replacement hands to the second.
const replacedKey = "replaced"

var yes = []byte("true")

// thing names a membership among all that a walk knows.
func thing(organizationID, email string) string {
	return TypeName + " " + organizationID + "/" + strings.ToLower(strings.TrimSpace(email))
}

// keep says that the plan is of a membership, and refuses a second resource for it.
func (r *Resource) keep(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, plan, config model) {
	if plan.Email.IsUnknown() || config.OrganizationID.IsUnknown() {
		return
	}
	organizationID := plan.OrganizationID.ValueString()
	if organizationID == "" {
		client, err := r.client()
		if err == nil {
			organizationID, err = organization(ctx, client, config)
		}
		if err != nil {
			return // the apply says it
		}
	}
	if req.State.Raw.IsNull() {
		if isSecondPlan(ctx, req) {
			return
		}
	} else {
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, replacedKey, yes)...)
	}
	email := plan.Email.ValueString()
	kept, ended := r.data.Claims.Keep(thing(organizationID, email), email)
	switch {
	case len(ended) > 0:
		resp.Diagnostics.Append(respelled(ended[0], email))
	case len(kept) > 0:
		resp.Diagnostics.AddAttributeError(path.Root("email"), "Two resources for one team member", fmt.Sprintf(
			"%s is managed by another %s of this configuration, too (written %q there). Each would undo what the other sets. Remove one.",
			email, TypeName, kept[0]))
	}
}

// isSecondPlan reports whether a plan of a creation is the second half of a replacement, whose first half was planned already.
func isSecondPlan(ctx context.Context, req resource.ModifyPlanRequest) bool {
	if req.Private == nil {
		return false
	}
	content, _ := req.Private.GetKey(ctx, replacedKey)
	return string(content) == string(yes)
}

// end says that a membership ends, and refuses that where another resource begins with it.
func (r *Resource) end(state model) diag.Diagnostics {
	email := state.Email.ValueString()
	if kept := r.data.Claims.End(thing(state.OrganizationID.ValueString(), email), email); len(kept) > 0 {
		return diag.Diagnostics{respelled(email, kept[0])}
	}
	return nil
}

// respelled is the error of a member that one resource would remove and another invite.
func respelled(from, to string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("One team member, removed and invited: "+to, fmt.Sprintf(
		"%s is to be removed, and %s is managed by another resource. This is one person, who would lose access and wait for an "+
			"invitation, so nobody is removed.\n\nThe resource has another address in the configuration now, such as another key of for_each. "+
			"Write that it moved:\n\n  moved {\n    from = %s.<name>[%q]\n    to   = %s.<name>[%q]\n  }",
		from, to, TypeName, from, TypeName, to))
}
