// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
)

// ValidateConfig checks what one attribute alone does not show.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	life := customtypes.ParseDurationValue(config.ExpiresIn)
	if !config.ExpiresAt.IsNull() {
		life = math.MaxInt64 // How long that is shows when it is planned.
	}
	resp.Diagnostics.Append(rotationschema.Validate(config.Rotation, life, !config.ExpiresIn.IsUnknown())...)
}

// validateExpiry checks an expiry at a fixed time. What the key of the state already has was checked when it was written: a
// rotation gives the new key what is left of it.
func (m model) validateExpiry(state *model, now time.Time) diag.Diagnostics {
	expiry := customtypes.ParseTime(m.ExpiresAt)
	switch {
	case expiry == nil:
		return nil
	case !expiry.After(now):
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("expires_at"), "Expiry in the past", fmt.Sprintf(
			"%s has passed, so that no key can work: write a later time, or expires_in = \"90d\".", m.ExpiresAt.ValueString()))}
	case state != nil && m.keepsFixedExpiry(*state):
		return nil
	default:
		return rotationschema.Validate(m.Rotation, expiry.Sub(now), true)
	}
}
