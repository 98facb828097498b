// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package teammember

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
)

// addressKey is where the private state keeps the address that a member had in the configuration when the service changed it, as a
// JSON text.
const addressKey = "address"

func address(email string) []byte {
	content, _ := json.Marshal(email) // A text always can be.
	return content
}

// keepAddress plans the address of the service where the configuration still has the one before it: the member is the same person.
type keepAddress struct{}

// Description says what the modifier does.
func (keepAddress) Description(context.Context) string {
	return "The address that a member had before the service changed it is no change."
}

// MarkdownDescription says what the modifier does.
func (k keepAddress) MarkdownDescription(ctx context.Context) string { return k.Description(ctx) }

// PlanModifyString keeps the state's address.
func (keepAddress) PlanModifyString(ctx context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if req.StateValue.IsNull() || req.PlanValue.IsUnknown() || req.PlanValue.IsNull() {
		return
	}
	content, diagnostics := req.Private.GetKey(ctx, addressKey)
	resp.Diagnostics.Append(diagnostics...)
	var before string
	if json.Unmarshal(content, &before) == nil && strings.EqualFold(before, req.PlanValue.ValueString()) {
		resp.PlanValue = req.StateValue
	}
}

// renamed is the warning that a member has another address than the configuration says.
func renamed(configured string, plan model) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("email"), "A team member's address changed: "+plan.Email.ValueString(), fmt.Sprintf(
		"The service knows %s (user %s) by the address %s now. The membership is the same, and nothing changes.\n\n"+
			"Write instead: email = %q. Where the address is a key of for_each, add:\n\n  moved {\n    from = %s.<name>[%q]\n    to   = %s.<name>[%q]\n  }",
		configured, plan.UserID.ValueString(), plan.Email.ValueString(), plan.Email.ValueString(), TypeName, configured, TypeName, plan.Email.ValueString()))
}
