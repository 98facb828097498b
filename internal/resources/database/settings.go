// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package database

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// jsonObject accepts a JSON object.
type jsonObject struct{}

// Description says what is accepted.
func (jsonObject) Description(context.Context) string { return "value must be a JSON object" }

// MarkdownDescription says what is accepted.
func (v jsonObject) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (jsonObject) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	var object map[string]any
	err := json.Unmarshal([]byte(req.ConfigValue.ValueString()), &object)
	if err == nil && object != nil {
		return
	}
	reason := "it is null"
	if err != nil {
		reason = err.Error()
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Not a JSON object",
		fmt.Sprintf("The value is not a JSON object: %s. Write it as jsonencode({ … }).", reason))
}

// keepJSONSpelling keeps the state's spelling of an object that means the same.
type keepJSONSpelling struct{}

// Description says what the modifier does.
func (keepJSONSpelling) Description(context.Context) string {
	return "Another spelling of the same JSON is no change."
}

// MarkdownDescription says what the modifier does.
func (k keepJSONSpelling) MarkdownDescription(ctx context.Context) string { return k.Description(ctx) }

// PlanModifyString implements planmodifier.String.
func (keepJSONSpelling) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	isUpdate := !req.State.Raw.IsNull()
	if isUpdate && !req.PlanValue.IsUnknown() && sameJSON(req.StateValue.ValueString(), req.PlanValue.ValueString()) {
		resp.PlanValue = req.StateValue
	}
}
