// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
)

// What a walk knows of the keys of a name: which the state has, and which of those the service does not list any more.
func inState(name string) string { return TypeName + " in the state: " + name }
func isGone(name string) string  { return TypeName + " gone: " + name }

// revokedNow is what an apply has revoked of the rotating keys of a name.
func revokedNow(name string) string { return TypeName + " revoked in this apply: " + name }

// explainNew says what a plan of a new key should know of: an expiry that has passed, and an old key that it replaces.
func (r *Resource) explainNew(config model, now time.Time) diag.Diagnostics {
	name := config.Name.ValueString()
	// A key that is made again because the old one is gone must not keep anybody from destroying the rest: the apply is refused.
	isAgain := len(r.data.Claims.Ended(isGone(name))) > 0
	diagnostics := config.validateExpiry(nil, !isAgain, now)
	if !config.Rotation.IsNull() && r.isTainted(name) {
		diagnostics.AddAttributeWarning(path.Root(rotationschema.Name), "A rotating API key will be replaced: "+name, fmt.Sprintf(
			"The resource is tainted, so the key of API key %q is revoked in this apply, and the one before it, too: whoever uses them fails "+
				"from then on. A replacement has no overlap.\n\nTo rotate with the overlap instead, run terraform untaint, and change "+
				"rotation.trigger.", name))
	}
	return diagnostics
}

// isTainted reports whether a new key takes the place of one that the state has and that was not planned: of a tainted resource,
// Terraform plans the new one only. What it says of -replace is lost: Terraform shows no warning of the plan of that.
func (r *Resource) isTainted(name string) bool {
	planned := r.data.Claims.Ended(inState(name))
	return slices.ContainsFunc(r.data.Claims.Kept(inState(name)), func(id string) bool { return !slices.Contains(planned, id) })
}

// explainReplaced says after the apply of a replacement what it did.
func (r *Resource) explainReplaced(plan model) diag.Diagnostics {
	name := plan.Name.ValueString()
	revoked := r.data.Claims.Ended(revokedNow(name))
	if len(revoked) == 0 || plan.Rotation.IsNull() {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root(rotationschema.Name), "A rotating API key was replaced: "+name, fmt.Sprintf(
		"Key %s was revoked at once, without the overlap of rotation: whoever uses it fails until it gets the new key (%s). To rotate with "+
			"the overlap, change rotation.trigger instead of using -replace.", strings.Join(revoked, ", "), plan.KeyID.ValueString()))}
}
