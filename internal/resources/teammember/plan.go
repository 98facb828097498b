// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package teammember

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/policyschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

// ModifyPlan plans the computed attributes exactly, and says what the service would refuse and what a removal means.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.data == nil {
		return
	}
	var plan, state, config model
	isNew, isEnd := req.State.Raw.IsNull(), req.Plan.Raw.IsNull()
	if !isNew {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if !isEnd {
		resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
		resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if isEnd {
		resp.Diagnostics.Append(r.end(state)...)
		// Nothing that the service decides stands in the way of a destroy before it is tried.
		resp.Diagnostics.Append(diagnostic.AsWarnings(r.planRemoval(ctx, state))...)
		return
	}
	rules := policyschema.OfResource(r.data.Policy, config.PolicyExceptions)
	if isExtra, isKnown := r.isExtraOwner(ctx, plan, state, isNew); isKnown {
		role := plan.Role.ValueString()
		if !isExtra {
			role = ""
		}
		rules.Add(policy.ExtraOwner, path.Root("role"), r.data.Policy.ExtraOwner(plan.Email.ValueString(), role))
	}
	resp.Diagnostics.Append(rules.Diagnostics()...)
	if !isNew && !config.Email.IsUnknown() && !strings.EqualFold(config.Email.ValueString(), plan.Email.ValueString()) {
		resp.Diagnostics.Append(renamed(config.Email.ValueString(), plan))
	}
	switch {
	case isNew:
		plan.planNew()
		r.keep(ctx, req, resp, plan, config)
		resp.Diagnostics.Append(r.planRole(ctx, config, "")...)
	case !plan.samePlace(state):
		plan.planNew()
		r.keep(ctx, req, resp, plan, config)
		resp.Diagnostics.Append(r.end(state)...)
		resp.Diagnostics.Append(r.planRemoval(ctx, state)...)
		resp.Diagnostics.Append(r.planRole(ctx, config, "")...)
	default:
		plan.keep(state)
		r.keep(ctx, req, resp, plan, config)
		config.OrganizationID = state.OrganizationID
		resp.Diagnostics.Append(r.planRole(ctx, config, state.Role.ValueString())...)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// planRole checks a change from a role, "" for none, to that of a configuration. What is not known yet, and what can't be read,
// the service judges at apply.
func (r *Resource) planRole(ctx context.Context, config model, from string) diag.Diagnostics {
	to := config.Role.ValueString()
	concernsOwners := from == owner || to == owner
	if !concernsOwners || from == to || config.Role.IsUnknown() || config.OrganizationID.IsUnknown() || config.Email.IsUnknown() {
		return nil
	}
	client, err := r.client()
	if err != nil {
		return nil // the apply says it
	}
	organizationID, err := organization(ctx, client, config)
	if err != nil {
		return nil // the apply says it
	}
	return checkOwners(ctx, client, organizationID, config.Email.ValueString(), from, to)
}

// planRemoval checks the removal of a member, and says which API keys it concerns.
func (r *Resource) planRemoval(ctx context.Context, state model) diag.Diagnostics {
	client, err := r.client()
	if err != nil {
		return nil // the apply says it
	}
	// Terraform plans the end of what left the configuration from the state before the refresh: who was pending then may have
	// joined, and made keys.
	organizationID, email := state.OrganizationID.ValueString(), state.Email.ValueString()
	role, userID := state.Role.ValueString(), state.UserID.ValueString()
	if member, err := client.FindMemberOf(ctx, organizationID, userID, email); err == nil {
		role = member.Role
		if member.UserID != nil {
			userID = *member.UserID
		}
	}
	var diagnostics diag.Diagnostics
	if role == owner {
		diagnostics = checkOwners(ctx, client, organizationID, email, owner, "")
	}
	if userID != "" {
		diagnostics.Append(announceKeys(ctx, client, removal{
			organizationID: organizationID, email: email, userID: userID, revoke: state.RevokeAPIKeysOnRemoval.ValueBool(), now: r.data.Clock(),
		})...)
	}
	return diagnostics
}

// isExtraOwner reports whether a plan has an owner beside another one. The only one is what the service requires.
func (r *Resource) isExtraOwner(ctx context.Context, plan, state model, isNew bool) (isExtra, isKnown bool) {
	switch {
	case plan.Role.IsUnknown():
		return false, false
	case plan.Role.ValueString() != owner:
		return false, true
	case isNew || state.Role.ValueString() != owner || !plan.samePlace(state):
		return true, true // An organization has one already.
	}
	client, err := r.client()
	if err != nil {
		return false, false
	}
	listed, err := client.Members(ctx, state.OrganizationID.ValueString())
	return slices.ContainsFunc(listed, func(m terrascale.Member) bool {
		return m.Role == owner && !strings.EqualFold(m.Email, state.Email.ValueString())
	}), err == nil
}
