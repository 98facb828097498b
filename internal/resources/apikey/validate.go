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

// validateExpiry checks an expiry at a fixed time, of a key that is to be made or rotated. What the key of the state already has was
// checked when it was written: a rotation gives the new key what is left of it.
func (m model) validateExpiry(state *model, makes bool, now time.Time) diag.Diagnostics {
	expiry := customtypes.ParseTime(m.ExpiresAt)
	switch {
	case expiry == nil:
		return nil
	case m.hasExpired(now) && makes:
		return diag.Diagnostics{m.inThePast()}
	case m.hasExpired(now):
		return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("expires_at"), "API key has expired: "+m.Name.ValueString(), fmt.Sprintf(
			"API key %q stopped working at %s, and a new one would not work either, so none is made. Write a later expires_at, or "+
				"expires_in, which starts again for each key. Or remove the resource.", m.Name.ValueString(), m.ExpiresAt.ValueString()))}
	case state != nil && m.keepsFixedExpiry(*state):
		return nil
	default:
		return rotationschema.Validate(m.Rotation, expiry.Sub(now), true)
	}
}

// hasExpired reports whether the configuration's fixed time has passed.
func (m model) hasExpired(now time.Time) bool {
	expiry := customtypes.ParseTime(m.ExpiresAt)
	return expiry != nil && !expiry.After(now)
}

// inThePast is the error of a key that would have expired before it is made.
func (m model) inThePast() diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("expires_at"), "Expiry in the past", fmt.Sprintf(
		"%s has passed, so no key can work. Write a later time, or expires_in = \"90d\".", m.ExpiresAt.ValueString()))
}
