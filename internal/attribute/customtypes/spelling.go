// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package customtypes

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
)

// Plan modifiers that keep the value of the state where a configuration only spells it in another way, so that such a
// change makes no diff.
var (
	KeepDurationSpelling planmodifier.String = keepSpelling[durationFormat]{}
	KeepTimeSpelling     planmodifier.String = keepSpelling[timeFormat]{}
	KeepCIDRSpelling     planmodifier.String = keepSpelling[cidrFormat]{}
	KeepEmailSpelling    planmodifier.String = keepSpelling[emailFormat]{}
)

type keepSpelling[F Format] struct{}

// Description says what the modifier does.
func (keepSpelling[F]) Description(context.Context) string {
	var format F
	return fmt.Sprintf("Another spelling of the same %s is no change.", format.Name())
}

// MarkdownDescription says what the modifier does.
func (k keepSpelling[F]) MarkdownDescription(ctx context.Context) string { return k.Description(ctx) }

// PlanModifyString keeps the state's spelling.
func (keepSpelling[F]) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	known := func(v interface {
		IsNull() bool
		IsUnknown() bool
	}) bool {
		return !v.IsNull() && !v.IsUnknown()
	}
	if known(req.StateValue) && known(req.PlanValue) && (Value[F]{req.StateValue}).Means(Value[F]{req.PlanValue}) {
		resp.PlanValue = req.StateValue
	}
}
