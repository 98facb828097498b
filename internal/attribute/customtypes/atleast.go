// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package customtypes

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// DurationAtLeast refuses a duration below a minimum.
func DurationAtLeast(minimum time.Duration) validator.String { return durationAtLeast{minimum} }

type durationAtLeast struct{ minimum time.Duration }

// Description says what is asked for.
func (d durationAtLeast) Description(context.Context) string {
	return fmt.Sprintf("The duration must be %s or more.", FormatDuration(d.minimum))
}

// MarkdownDescription says what is asked for.
func (d durationAtLeast) MarkdownDescription(ctx context.Context) string { return d.Description(ctx) }

// ValidateString reports a duration below the minimum. One that does not parse is reported by its type.
func (d durationAtLeast) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if parsed, err := ParseDuration(req.ConfigValue.ValueString()); err == nil && parsed < d.minimum {
		resp.Diagnostics.AddAttributeError(req.Path, "Duration too short",
			fmt.Sprintf("%q is too short. %s", req.ConfigValue.ValueString(), d.Description(ctx)))
	}
}
