// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package collections

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Unwalked keeps the framework from looking for plan modifiers in the elements of a map, for each of which it copies the whole map: the
// cost of a thousand elements was twice that of their number. It is for required maps whose elements have no plan modifiers, defaults
// or computed attributes. The resource's ModifyPlan has to plan the map again, as it is configured.
func Unwalked() planmodifier.Map { return unwalked{} }

type unwalked struct{}

// Description says what the modifier does.
func (unwalked) Description(context.Context) string {
	return "The value is planned as it is configured."
}

// MarkdownDescription says what the modifier does.
func (u unwalked) MarkdownDescription(ctx context.Context) string { return u.Description(ctx) }

// PlanModifyMap plans an unknown value, in which there is nothing to look for.
func (unwalked) PlanModifyMap(ctx context.Context, req planmodifier.MapRequest, resp *planmodifier.MapResponse) {
	resp.PlanValue = types.MapUnknown(req.PlanValue.ElementType(ctx))
}
