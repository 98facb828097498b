// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysqlreadonlyuser

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/collections"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/loginschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/passwordschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/policyschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mysql"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

// kind sets a user's logins apart from those of other resources.
var kind = loginschema.Kind{Word: "MySQL user", Next: mysql.NextLogin}

// ModifyPlan plans the computed attributes exactly, and explains what a reviewer should know.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.data == nil {
		return
	}
	if req.Plan.Raw.IsNull() {
		var state model
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
		resp.Diagnostics.Append(diagnostic.AsWarnings(r.replica(ctx, state))...)
		return
	}
	var plan, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	plan.Grants = config.Grants // See collections.Unwalked.
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
	rules := policyschema.OfResource(r.data.Policy, config.PolicyExceptions)
	var known *passwordschema.Attributes // Those of a login that is there.
	if state == nil || len(resp.RequiresReplace) > 0 || !plan.Server.Equal(state.Server) {
		plan.PlanNew(config.Login, kind)
		if !config.Rotation.IsNull() {
			resp.Diagnostics.Append(r.replacement(plan).ExplainPlan()...)
		}
		plan.ExcessPrivileges = types.ListUnknown(types.StringType)
	} else {
		known = &state.Attributes
		resp.Diagnostics.Append(r.planKnown(ctx, req, rules, &plan, config, *state)...)
	}
	resp.Diagnostics.Append(plan.AnswerOffer(&r.data.Offers, kind.Word, config.Login, known)...)
	plan.AddSecretFinding(rules, config.Attributes, policy.Named("MySQL user", plan.Name.ValueString()))
	resp.Diagnostics.Append(rules.Diagnostics()...)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
	if !resp.Plan.Raw.Equal(req.State.Raw) {
		resp.Diagnostics.Append(r.replica(ctx, plan)...)
	}
}

// replica says of a server that takes no changes that it does not. One that can't be asked yet may be made in the same apply.
func (r *Resource) replica(ctx context.Context, m model) diag.Diagnostics {
	if m.Server.IsUnknown() {
		return nil
	}
	server, err := r.server(m.Server.ValueString())
	if err == nil {
		err = server.CheckWritable(ctx)
	}
	if !errors.Is(err, mysql.ErrReadOnly) {
		return nil
	}
	return diag.Diagnostics{diag.WithPath(path.Root("server"), diagnostic.MySQL("MySQL server takes no changes", m.Server.ValueString(), err))}
}

// planKnown plans a user that is there.
func (r *Resource) planKnown(
	ctx context.Context, req resource.ModifyPlanRequest, rules *policyschema.Rules, plan *model, config, state model,
) diag.Diagnostics {
	replacesOutsiders, diagnostics := plan.PlanChange(ctx, req.Private, config.Login, state.Login, kind, r.data.Clock())
	if replacesOutsiders {
		diagnostics.Append(diagnostic.PasswordChangedOutside(plan.Name.ValueString(), fmt.Sprintf(
			"MySQL user %q has another password than the one that was set, or logs in in another way. Somebody changed that "+
				"outside of Terraform. This apply sets a password again, and the other one stops working.", plan.Name.ValueString())))
	}
	plan.ExcessPrivileges = state.ExcessPrivileges
	excess := collections.Texts(state.ExcessPrivileges)
	if remaining := mysql.RemainingExcess(excess); !slices.Equal(excess, remaining) {
		plan.ExcessPrivileges = collections.TextList(remaining)
	}
	rules.Add(policy.ExcessPrivilege, path.Root("excess_privileges"),
		rules.Policy.ExcessPrivileges(policy.Named("MySQL user", plan.Name.ValueString()), collections.Texts(plan.ExcessPrivileges)))
	return diagnostics
}

// replacement follows a rotating user through a run.
func (r *Resource) replacement(m model) rotationschema.Replacement {
	return rotationschema.Replacement{
		Claims: &r.data.Claims, Kind: kind.Word, Name: m.Server.ValueString() + "/" + m.Name.ValueString(), Credential: "login", Ends: "dropped",
	}
}

// credentialName is what a warning calls the login in use.
func (m model) credentialName() string { return m.Username.ValueString() }
