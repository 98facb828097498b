// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
)

// isGone is what a walk knows of the keys of a name that the service does not list any more.
func isGone(name string) string { return TypeName + " gone: " + name }

// replacement follows the keys of a name through a run.
func (r *Resource) replacement(m model) rotationschema.Replacement {
	return rotationschema.Replacement{
		Claims: &r.data.Claims, Kind: "API key", Name: m.Name.ValueString(), Credential: "key", Ends: "revoked",
	}
}

// explainNew says what a plan of a new key should know of: an expiry that has passed, and an old key that it replaces.
func (r *Resource) explainNew(config model, now time.Time) diag.Diagnostics {
	// A key that is made again because the old one is gone must not keep anybody from destroying the rest: the apply is refused.
	isAgain := len(r.data.Claims.Ended(isGone(config.Name.ValueString()))) > 0
	diagnostics := config.validateExpiry(nil, !isAgain, now)
	if !config.Rotation.IsNull() {
		diagnostics.Append(r.replacement(config).ExplainPlan()...)
	}
	return diagnostics
}
