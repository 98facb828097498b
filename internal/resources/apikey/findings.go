// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
)

// findings applies the least-privilege rules to what is known of a configuration.
func (r *Resource) findings(config model, state *model, now time.Time) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	rules, name := r.data.Policy, config.Name.ValueString()
	if fullyKnown(config.Scopes) {
		diagnostics.Append(diagnostic.Findings(rules, path.Root("scopes"), rules.WildcardScopes(name, scopeTexts(config.Scopes)))...)
	}
	at := path.Root("expires_at")
	if config.ExpiresAt.IsNull() {
		at = path.Root("expires_in")
	}
	diagnostics.Append(diagnostic.Findings(rules, at,
		rules.UnboundedKey(name, !config.ExpiresIn.IsNull() || !config.ExpiresAt.IsNull(), config.isRotatedByAge()))...)
	every := rotationschema.Policy(config.Rotation).Every
	if every > 0 {
		at = path.Root(rotationschema.Name).AtName("every")
	}
	diagnostics.Append(diagnostic.Findings(rules, at, rules.LongLivedKey(name, config.life(state, now), every))...)
	return diagnostics
}

// isRotatedByAge counts an age that is not known yet.
func (m model) isRotatedByAge() bool {
	every := m.Rotation.Attributes()["every"]
	return m.Rotation.IsUnknown() || every != nil && !every.IsNull()
}

// life gives how long a key works from its creation, as far as it is known; zero for one that never expires.
func (m model) life(state *model, now time.Time) time.Duration {
	expiry := customtypes.ParseTime(m.ExpiresAt)
	if expiry == nil {
		return customtypes.ParseDurationValue(m.ExpiresIn)
	}
	if state != nil && m.keepsFixedExpiry(*state) {
		if created := customtypes.ParseTime(state.CreatedAt); created != nil {
			return expiry.Sub(*created)
		}
	}
	return expiry.Sub(now)
}

// secretFindings looks at where the plan leaves the secret.
func (r *Resource) secretFindings(config, plan model) diag.Diagnostics {
	if plan.Secret.IsNull() || !config.AgeRecipients.IsNull() {
		return nil
	}
	return diagnostic.Findings(r.data.Policy, path.Root("secret"), r.data.Policy.SecretInState(
		fmt.Sprintf("The secret of API key %q", config.Name.ValueString()), "age_recipients = [\"age1…\"]"))
}
