// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/terrascale"
)

// clockDifference is how far the service's clock may be from ours: created_at is its time, expires_in is counted by ours.
const clockDifference = 5 * time.Minute

// ModifyPlan plans the computed attributes exactly, and says when and why the key will be another one.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || r.data == nil {
		return
	}
	var plan, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	var state *model
	if !req.State.Raw.IsNull() {
		state = &model{}
		resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	}
	unfinished, diagnostics := readUnfinished(ctx, req.Private)
	resp.Diagnostics.Append(diagnostics...)
	if resp.Diagnostics.HasError() {
		return
	}
	now := r.data.Clock()
	if expiry := customtypes.ParseTime(config.ExpiresAt); expiry != nil && !expiry.After(now) {
		resp.Diagnostics.AddAttributeError(path.Root("expires_at"), "Expiry in the past", fmt.Sprintf(
			"%s has passed, so that no key can work: write a later time, or expires_in = \"90d\".", config.ExpiresAt.ValueString()))
		return
	}
	resp.Diagnostics.Append(r.findings(config, state, now)...)
	if state == nil {
		plan.planNew(config)
		plan.ID = types.StringUnknown()
	} else {
		resp.Diagnostics.Append(plan.planChange(config, *state, unfinished)...)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// planNew plans a new key.
func (m *model) planNew(config model) {
	m.KeyID, m.KeyPrefix, m.Secret = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
	m.CreatedAt = customtypes.Time{StringValue: types.StringUnknown()}
	m.Status = types.StringValue(string(terrascale.KeyActive))
	m.ExpiresAt = config.ExpiresAt
	if !config.ExpiresIn.IsNull() {
		m.ExpiresAt = customtypes.Time{StringValue: types.StringUnknown()}
	}
}

// planChange plans what becomes of a key that is there.
func (m *model) planChange(config, state model, unfinished unfinished) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	reasons := config.reasonsToReplace(state)
	if len(reasons) == 0 {
		m.keep(config, state)
	} else {
		m.planNew(config)
		m.ID = state.ID
		diagnostics.AddWarning("API key will be replaced", fmt.Sprintf(
			"Key %s (%q) will be replaced by a new one with another secret, because %s.\n\n"+
				"The new key is made first and the old one is revoked last, in the same apply: hand the new secret on in that apply.",
			state.KeyID.ValueString(), state.Name.ValueString(), strings.Join(reasons, ", and ")))
	}
	if len(unfinished) > 0 {
		// Something must differ for Terraform to call for an update.
		m.Status = types.StringUnknown()
		diagnostics.AddWarning("A replaced API key still works", fmt.Sprintf(
			"It could not be revoked when it was replaced; this apply tries again: %s.", strings.Join(unfinished, ", ")))
	}
	return diagnostics
}

// keep carries the computed attributes of the state over. The planned expiry is the state's or, after an import, another
// spelling of it.
func (m *model) keep(config, state model) {
	m.ID, m.KeyID, m.KeyPrefix, m.Secret = state.ID, state.KeyID, state.KeyPrefix, state.Secret
	m.CreatedAt, m.Status = state.CreatedAt, state.Status
	if config.ExpiresAt.IsNull() {
		m.ExpiresAt = state.ExpiresAt
	}
}

// reasonsToReplace says why the key of the state is not the one that the configuration m asks for, in words that follow
// "because".
func (m model) reasonsToReplace(state model) []string {
	var reasons []string
	switch {
	case m.Name.IsUnknown():
		reasons = append(reasons, "its name, known only at apply, may be another")
	case !m.Name.Equal(state.Name):
		reasons = append(reasons, fmt.Sprintf("its name becomes %q", m.Name.ValueString()))
	}
	switch {
	case !fullyKnown(m.Scopes):
		reasons = append(reasons, "its scopes, known only at apply, may be others")
	case !m.Scopes.Equal(state.Scopes):
		reasons = append(reasons, fmt.Sprintf("its scopes change from %s to %s", scopeList(state.Scopes), scopeList(m.Scopes)))
	}
	if reason := m.reasonInExpiry(state); reason != "" {
		reasons = append(reasons, reason)
	}
	switch state.Status.ValueString() {
	case string(terrascale.KeyRevoked):
		reasons = append(reasons, "it was revoked outside of Terraform")
	case string(terrascale.KeyExpired):
		reasons = append(reasons, "it expired at "+state.ExpiresAt.ValueString())
	case statusGone.ValueString():
		reasons = append(reasons, "the service no longer lists it")
	}
	return reasons
}

// reasonInExpiry compares the configured expiry with the state's. An expires_in that says of an imported key what holds
// already is no reason.
func (m model) reasonInExpiry(state model) string {
	switch {
	case m.ExpiresIn.IsUnknown() || m.ExpiresAt.IsUnknown():
		return "its expiry, known only at apply, may be another"
	case !m.ExpiresIn.IsNull():
		if !state.ExpiresIn.IsNull() && m.ExpiresIn.Means(state.ExpiresIn) || m.livesAsConfigured(state) {
			return ""
		}
		return "it is to live for " + m.ExpiresIn.ValueString()
	case !m.ExpiresAt.IsNull():
		if sameExpiry(m.ExpiresAt, state.ExpiresAt) {
			return ""
		}
		return "it is to expire at " + m.ExpiresAt.ValueString()
	case !state.ExpiresAt.IsNull():
		return "it is to live without an expiry"
	default:
		return ""
	}
}

func (m model) livesAsConfigured(state model) bool {
	created, expires := customtypes.ParseTime(state.CreatedAt), customtypes.ParseTime(state.ExpiresAt)
	if !state.ExpiresIn.IsNull() || created == nil || expires == nil {
		return false
	}
	return (expires.Sub(*created) - customtypes.ParseDurationValue(m.ExpiresIn)).Abs() <= clockDifference
}

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
		rules.UnboundedKey(name, !config.ExpiresIn.IsNull() || !config.ExpiresAt.IsNull()))...)
	life := customtypes.ParseDurationValue(config.ExpiresIn)
	if expiry := customtypes.ParseTime(config.ExpiresAt); expiry != nil {
		from := now
		if state != nil && sameExpiry(config.ExpiresAt, state.ExpiresAt) {
			if created := customtypes.ParseTime(state.CreatedAt); created != nil {
				from = *created
			}
		}
		life = expiry.Sub(from)
	}
	diagnostics.Append(diagnostic.Findings(rules, at, rules.LongLivedKey(name, life))...)
	return diagnostics
}

func fullyKnown(set types.Set) bool {
	return !set.IsUnknown() && !slices.ContainsFunc(set.Elements(), attr.Value.IsUnknown)
}

// scopeTexts gives the scopes of a set that is fully known, sorted.
func scopeTexts(set types.Set) []string {
	texts := make([]string, 0, len(set.Elements()))
	for _, element := range set.Elements() {
		if scope, ok := element.(types.String); ok {
			texts = append(texts, scope.ValueString())
		}
	}
	slices.Sort(texts)
	return texts
}

func scopeList(set types.Set) string { return "[" + strings.Join(scopeTexts(set), ", ") + "]" }
