// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysqlreadonlyuser

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/mysql"
	"github.com/terrascale/terraform-provider-terrascale/internal/passwordschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
	"github.com/terrascale/terraform-provider-terrascale/internal/recipients"
	"github.com/terrascale/terraform-provider-terrascale/internal/rotation"
	"github.com/terrascale/terraform-provider-terrascale/internal/rotationschema"
)

// ModifyPlan plans the computed attributes exactly, and explains what a reviewer should know.
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
	if !plan.Server.IsUnknown() {
		if _, err := r.server(plan.Server.ValueString()); err != nil && !errors.Is(err, providerdata.ErrNotKnownYet) {
			resp.Diagnostics.AddAttributeError(path.Root("server"), "Unknown MySQL server", err.Error())
			return
		}
	}
	if state == nil || len(resp.RequiresReplace) > 0 || !plan.Server.Equal(state.Server) {
		plan.planNew(config)
	} else {
		resp.Diagnostics.Append(r.planKnown(ctx, req, &plan, config, *state)...)
	}
	if !config.bringsPassword() && plan.AgeRecipients.IsNull() {
		resp.Diagnostics.Append(diagnostic.Findings(r.data.Policy, path.Root("password"), r.data.Policy.SecretInState(
			fmt.Sprintf("The generated password of MySQL user %q", plan.Name.ValueString()),
			"age_recipients = [\"age1…\"], or password_wo with password_wo_version"))...)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// planKnown plans a user that is there.
func (r *Resource) planKnown(
	ctx context.Context, req resource.ModifyPlanRequest, plan *model, config, state model,
) diag.Diagnostics {
	now := r.data.Clock()
	remembered, _, diagnostics := state.record(ctx, req.Private, now)
	at, diags := rotationschema.DecisionTime(ctx, req.Private, plan.Rotation.Equal(state.Rotation), now)
	diagnostics.Append(diags...)
	change := plan.changeFrom(config, state, remembered, at)
	plan.planChange(config, state, change)
	if !plan.decides() {
		change.decision = rotation.Decision{}
		plan.leaveOpen()
	}
	diagnostics.Append(rotationschema.Explain(rotationschema.Subject{
		Kind: "MySQL user", Name: plan.Name.ValueString(), Credential: "login",
		Previous: rotationschema.Text(state.Previous, username),
	}, change.decision, change.policy, now)...)
	diagnostics.Append(change.explainInPlace()...)
	diagnostics.Append(diagnostic.Findings(r.data.Policy, path.Root("excess_privileges"),
		r.data.Policy.ExcessPrivileges(plan.Name.ValueString(), texts(plan.ExcessPrivileges)))...)
	return diagnostics
}

// isRotated reports whether the user has two logins, active in turn.
func (m model) isRotated() bool { return !m.Rotation.IsNull() }

// planNew plans the computed attributes of a user that is to be made.
func (m *model) planNew(config model) {
	m.Username = m.Name
	if m.isRotated() {
		m.Username = types.StringValue(mysql.NextLogin(m.Name.ValueString(), ""))
	}
	m.keep(m.passwordOf(config).Plan())
	m.PasswordSetAt, m.PasswordFingerprint = passwordschema.UnknownRecord()
	if !m.decides() {
		m.leaveOpen()
	}
	m.PasswordVersion = types.Int64Value(1)
	m.Previous = types.ObjectNull(previousType.AttrTypes)
	m.ExcessPrivileges = types.ListUnknown(types.StringType)
}

// decides reports whether all is known that the logins depend on. Terraform plans again when it is.
func (m model) decides() bool {
	_, recipientsKnown := recipients.Texts(m.AgeRecipients)
	return !m.Name.IsUnknown() && rotationschema.IsKnown(m.Rotation) && recipientsKnown && !m.PasswordWOVersion.IsUnknown()
}

// leaveOpen leaves to the apply who logs in, and with what.
func (m *model) leaveOpen() {
	m.Username, m.Password, m.PasswordEncrypted = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
	m.PasswordVersion, m.Previous = types.Int64Unknown(), types.ObjectUnknown(previousType.AttrTypes)
	m.PasswordSetAt, m.PasswordFingerprint = passwordschema.UnknownRecord()
}

// planChange plans the computed attributes of a user that is there.
func (m *model) planChange(config, state model, c change) {
	m.Username = types.StringValue(c.login)
	m.Password, m.PasswordEncrypted, m.PasswordVersion = state.Password, state.PasswordEncrypted, state.PasswordVersion
	m.PasswordSetAt, m.PasswordFingerprint = state.PasswordSetAt, state.PasswordFingerprint
	switch {
	case c.newPassword():
		m.PasswordSetAt, m.PasswordFingerprint = passwordschema.UnknownRecord()
		m.keep(m.passwordOf(config).Plan())
		m.PasswordVersion = types.Int64Value(state.PasswordVersion.ValueInt64() + 1)
	case c.encrypt:
		m.Password, m.PasswordEncrypted = types.StringNull(), types.StringUnknown()
	}
	m.Previous = c.previous(state)
	m.ExcessPrivileges = state.ExcessPrivileges
	if excess := texts(state.ExcessPrivileges); len(excess) > 0 {
		if remaining := mysql.RemainingExcess(excess); !slices.Equal(excess, remaining) {
			m.ExcessPrivileges = textList(remaining)
		}
	}
}

// explainInPlace says that an outsider's password will be replaced: nothing else in the plan does.
func (c change) explainInPlace() diag.Diagnostics {
	if !slices.Contains(c.inPlace, changedOutside) {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("password_version"), "Password changed outside",
		fmt.Sprintf("The server keeps another password of MySQL user %q than the one that was set, or lets it log in in another way: that "+
			"was changed outside of Terraform. This apply sets one again, and the outsider's stops working.", c.to))}
}

// previous gives the attribute as it is planned: its time is known once the rotation is applied.
func (c change) previous(state model) types.Object {
	switch {
	case c.decision.Rotate && c.decision.KeepCurrent:
		return previousLogin(c.current, nil)
	case c.decision.Rotate || c.decision.EndPrevious || state.Previous.IsNull():
		return types.ObjectNull(previousType.AttrTypes)
	default:
		return previousLogin(c.renamed(rotationschema.Text(state.Previous, username)),
			rotationschema.PreviousEnd(state.Previous, disableAt))
	}
}

func previousLogin(name string, at *time.Time) types.Object {
	return rotationschema.Previous(previousType, disableAt, at, map[string]attr.Value{username: types.StringValue(name)})
}
