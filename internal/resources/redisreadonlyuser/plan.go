// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package redisreadonlyuser

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/collections"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/passwordschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/policyschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/rotation"
)

// change is what becomes of a user's passwords.
type change struct {
	decision rotation.Decision
	policy   rotation.Policy
	// inPlace says why the one password of a user without rotation is replaced; empty when it is not.
	inPlace []string
}

func (c change) newPassword() bool { return c.decision.Rotate || len(c.inPlace) > 0 }

const goneOutside = "its password was taken away outside of Terraform"

// changeFrom compares the plan m with the state.
func (m model) changeFrom(config, state model, remembered credentials, now time.Time) change {
	var c change
	facts := state.facts(remembered)
	c.policy, facts.Trigger = rotationschema.Triggers(m.Rotation, state.Rotation)
	facts.Causes = m.PasswordCauses(config.Attributes, state.Attributes, remembered.Record)
	if !m.isRotated() {
		if remembered.Changed {
			facts.Causes = append(facts.Causes, goneOutside)
		}
		c.inPlace, facts.Causes = facts.Causes, nil
		facts.Current.Condition = rotation.Working
	}
	c.decision = rotation.Decide(now, facts, c.policy)
	return c
}

// facts are how things stand by a state.
func (m model) facts(remembered credentials) rotation.Facts {
	facts := rotation.Facts{
		Current:        rotation.Credential{CreatedAt: remembered.SetAt},
		PreviousEndsAt: rotationschema.PreviousEnd(m.Previous, disableAt),
	}
	if remembered.Changed {
		facts.Current.Condition = rotation.Revoked
	}
	return facts
}

// ModifyPlan plans the computed attributes exactly, and explains what a reviewer should know.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || r.data == nil {
		return
	}
	var plan, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	plan.DefaultRecipients(config.Attributes, r.data.AgeRecipients)
	var state *model
	if !req.State.Raw.IsNull() {
		state = &model{}
		resp.Diagnostics.Append(req.State.Get(ctx, state)...)
		r.replacement(*state).Planned(state.credentialName())
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if !plan.Server.IsUnknown() {
		if _, err := r.server(plan.Server.ValueString()); err != nil && !errors.Is(err, providerdata.ErrNotKnownYet) {
			resp.Diagnostics.Append(diagnostic.UnknownServer(path.Root("server"), err))
			return
		}
	}
	isNew := state == nil || len(resp.RequiresReplace) > 0 || !plan.Server.Equal(state.Server) || !plan.Name.Equal(state.Name)
	rules := policyschema.OfResource(r.data.Policy, config.PolicyExceptions)
	var known *passwordschema.Attributes // Those of a user that is there.
	if isNew {
		plan.planNew(config)
		if !config.Rotation.IsNull() {
			resp.Diagnostics.Append(r.replacement(plan).ExplainPlan()...)
		}
	} else {
		known = &state.Attributes
		resp.Diagnostics.Append(r.planChange(ctx, req, &plan, config, *state)...)
	}
	name := plan.Name.ValueString()
	login := providerdata.Login{Subject: fmt.Sprintf("Redis user %q", name), Username: name}
	resp.Diagnostics.Append(plan.AnswerOffer(&r.data.Offers, login, config.Attributes, known)...)
	plan.AddSecretFinding(rules, config.Attributes, policy.Named("Redis user", plan.Name.ValueString()))
	resp.Diagnostics.Append(rules.Diagnostics()...)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// planNew plans the computed attributes of a user that is to be made.
func (m *model) planNew(config model) {
	m.Previous = types.ObjectNull(previousType.AttrTypes)
	m.ExcessPrivileges = collections.TextList(nil)
	if m.decides() {
		m.PlanFirstPassword(config.Attributes)
	} else {
		m.LeaveFirstPassword()
	}
}

// decides reports whether all is known that the passwords depend on. Terraform plans again when it is.
func (m model) decides() bool {
	return rotationschema.IsKnown(m.Rotation) && m.IsPasswordDecided()
}

// planChange plans the computed attributes of a user that is there.
func (r *Resource) planChange(
	ctx context.Context, req resource.ModifyPlanRequest, plan *model, config, state model,
) diag.Diagnostics {
	now := r.data.Clock()
	remembered, _, diagnostics := state.credentials(ctx, req.Private, now)
	at, diags := rotationschema.DecisionTime(ctx, req.Private, plan.Rotation.Equal(state.Rotation), now)
	diagnostics.Append(diags...)
	plan.ExcessPrivileges = collections.TextList(nil)
	if !plan.decides() {
		plan.LeavePassword()
		plan.Previous = types.ObjectUnknown(previousType.AttrTypes)
		return diagnostics
	}
	c := plan.changeFrom(config, state, remembered, at)
	if c.newPassword() {
		plan.PlanNextPassword(config.Attributes, state.Attributes)
	} else {
		plan.PlanSamePassword(config.Attributes, state.Attributes)
	}
	plan.Previous = c.previous(state)
	diagnostics.Append(rotationschema.Explain(rotationschema.Subject{
		Kind: "Redis user", Name: plan.Name.ValueString(), Credential: "password", Previous: "the password before it",
	}, c.decision, c.policy, now)...)
	if slices.Contains(c.inPlace, goneOutside) {
		diagnostics.Append(diagnostic.PasswordChangedOutside(plan.Name.ValueString(), fmt.Sprintf(
			"Redis user %q no longer has the password that was set. Somebody removed it outside of Terraform. This apply sets one again.",
			plan.Name.ValueString())))
	}
	if found := collections.Texts(state.ExcessPrivileges); len(found) > 0 {
		diagnostics.AddAttributeWarning(path.Root("excess_privileges"), "Redis user differs from the configuration: "+plan.Name.ValueString(), fmt.Sprintf(
			"On the server, Redis user %q differs from this configuration: %s. This apply undoes that.", plan.Name.ValueString(), strings.Join(found, "; ")))
	}
	return diagnostics
}

// previous gives the attribute as it is planned: its time is known once the rotation is applied.
func (c change) previous(state model) types.Object {
	switch {
	case c.decision.Rotate && c.decision.KeepCurrent:
		return previous(state.PasswordFingerprint.ValueString(), nil)
	case c.newPassword() || c.decision.EndPrevious || state.Previous.IsNull():
		return types.ObjectNull(previousType.AttrTypes)
	default:
		return state.Previous
	}
}

// ValidateConfig checks what one attribute alone does not show.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(rotationschema.Validate(config.Rotation, 0, true)...)
	resp.Diagnostics.Append(config.ValidatePassword(config.isRotated())...)
}

// replacement follows a rotating user through a run.
func (r *Resource) replacement(m model) rotationschema.Replacement {
	return rotationschema.Replacement{
		Claims: &r.data.Claims, Kind: "Redis user", Name: m.Server.ValueString() + "/" + m.Name.ValueString(), Credential: "password", Ends: "removed",
	}
}

// credentialName is what a warning calls the password in use.
func (m model) credentialName() string { return "the password of " + m.Name.ValueString() }
