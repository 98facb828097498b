// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/policyschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/recipients"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/rotation"
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
	if resp.Diagnostics.HasError() {
		return
	}
	config.AgeRecipients = recipients.Or(config.AgeRecipients, r.data.AgeRecipients)
	plan.AgeRecipients = config.AgeRecipients
	now := r.data.Clock()
	if state == nil {
		resp.Diagnostics.Append(r.explainNew(config, now)...)
	}
	rules := policyschema.OfResource(r.data.Policy, config.PolicyExceptions)
	r.findings(rules, config, state, now)
	if resp.Diagnostics.HasError() {
		return
	}
	if state == nil {
		plan.planNew(config)
		plan.ID, plan.Previous = types.StringUnknown(), noPrevious
	} else {
		at, diagnostics := rotationschema.DecisionTime(ctx, req.Private, config.sameSchedule(*state), now)
		resp.Diagnostics.Append(diagnostics...)
		change := config.changeFrom(*state, at)
		resp.Diagnostics.Append(config.validateExpiry(state, change.decision.Rotate && !change.tentative, now)...)
		r.replacement(*state).Planned(state.KeyID.ValueString())
		plan.planChange(config, *state, change)
		resp.Diagnostics.Append(change.explain(config, *state, now)...)
	}
	secretFindings(rules, config, plan)
	resp.Diagnostics.Append(rules.Diagnostics()...)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// planNew plans a new key.
func (m *model) planNew(config model) {
	m.KeyID, m.KeyPrefix = types.StringUnknown(), types.StringUnknown()
	m.CreatedAt = customtypes.Time{StringValue: types.StringUnknown()}
	m.Status = types.StringValue(string(terrascale.KeyActive))
	m.planSecret()
	m.ExpiresAt = config.ExpiresAt
	if !config.ExpiresIn.IsNull() {
		m.ExpiresAt = customtypes.Time{StringValue: types.StringUnknown()}
	}
}

// planChange plans what becomes of a key that is there.
func (m *model) planChange(config, state model, c change) {
	if c.decision.Rotate {
		m.planNew(config)
		m.ID = state.ID
	} else {
		m.keep(config, state)
		if m.encrypts(state) {
			m.planSecret()
		}
	}
	m.Previous = c.previous(state)
}

// keep carries the computed attributes of the state over. The planned expiry is the state's or, after an import, another
// spelling of it.
func (m *model) keep(config, state model) {
	m.ID, m.KeyID, m.KeyPrefix = state.ID, state.KeyID, state.KeyPrefix
	m.Secret, m.SecretEncrypted = state.Secret, state.SecretEncrypted
	m.CreatedAt, m.Status = state.CreatedAt, state.Status
	if config.ExpiresAt.IsNull() {
		m.ExpiresAt = state.ExpiresAt
	}
}

// explain gives the plan's warnings.
func (c change) explain(config, state model, now time.Time) diag.Diagnostics {
	diagnostics := rotationschema.Explain(rotationschema.Subject{
		Kind: "API key", Name: state.Name.ValueString(), Credential: "key", Previous: "Key " + state.previousID(),
	}, c.decision, c.policy, now)
	if c.decision.Rotate && !c.tentative && config.hasUnknownOverlap() {
		diagnostics.AddAttributeError(path.Root(rotationschema.Name).AtName("overlap"), "Overlap is not known yet", fmt.Sprintf(
			"A rotation of API key %q is due, but how long the current key stays valid is known only at apply. Apply what "+
				"the overlap comes from first (terraform apply -target=…), or write the value itself, such as \"7d\".",
			state.Name.ValueString()))
	}
	expires := customtypes.ParseTime(state.ExpiresAt)
	window := rotationschema.Policy(config.Rotation).BeforeExpiry
	if config.keepsFixedExpiry(state) && !c.decision.Rotate && window > 0 && expires.Sub(now) <= window {
		diagnostics.AddAttributeWarning(path.Root("expires_at"), "API key expires soon: "+state.Name.ValueString(), fmt.Sprintf(
			"API key %q stops working in %s, and so would a new one: before_expiry does nothing with a fixed expires_at. Write a "+
				"later expires_at. Or write expires_in, which starts again for each key.",
			state.Name.ValueString(), rotation.Span(expires.Sub(now))))
	}
	return diagnostics
}
