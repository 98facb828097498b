// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/policyschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

// findings applies the least-privilege rules to what is known of a configuration.
func (r *Resource) findings(rules *policyschema.Rules, config model, state *model, now time.Time) {
	subject := config.subject()
	if fullyKnown(config.Scopes) {
		rules.Add(policy.WildcardScope, path.Root("scopes"), rules.Policy.WildcardScopes(subject, scopeTexts(config.Scopes)))
	}
	at := path.Root("expires_at")
	if config.ExpiresAt.IsNull() {
		at = path.Root("expires_in")
	}
	rules.Add(policy.UnboundedKey, at,
		rules.Policy.UnboundedKey(subject, !config.ExpiresIn.IsNull() || !config.ExpiresAt.IsNull(), config.isRotatedByAge()))
	every := rotationschema.Policy(config.Rotation).Every
	if every > 0 {
		at = path.Root(rotationschema.Name).AtName("every")
	}
	rules.Add(policy.SlowRotation, at, rules.Policy.LongLivedKey(subject, config.life(state, now), every))
}

// subject is what findings are about.
func (m model) subject() string { return policy.Named("API key", m.Name.ValueString()) }

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
func secretFindings(rules *policyschema.Rules, config, plan model) {
	var found []policy.Finding
	if !plan.Secret.IsNull() && config.AgeRecipients.IsNull() {
		found = rules.Policy.SecretInState(config.subject(), "secret", "age_recipients = [\"age1…\"]")
	}
	rules.Add(policy.SecretInState, path.Root("secret"), found)
}
