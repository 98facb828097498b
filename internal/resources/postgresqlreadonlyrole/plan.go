// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// ValidateConfig refuses two grants for one schema.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || config.Grants.IsUnknown() {
		return
	}
	var grants []grantModel
	resp.Diagnostics.Append(config.Grants.ElementsAs(ctx, &grants, false)...)
	seen := map[[2]string]bool{}
	wholeSchema := config.Grants.IsNull()
	for _, grant := range grants {
		wholeSchema = wholeSchema || grant.Tables.IsNull() || grant.Tables.IsUnknown()
		if grant.Database.IsUnknown() || grant.Schema.IsUnknown() {
			continue
		}
		key := [2]string{grant.Database.ValueString(), grant.Schema.ValueString()}
		if seen[key] {
			resp.Diagnostics.AddAttributeError(path.Root("grants"), "Schema granted twice", fmt.Sprintf(
				"Two grants are for schema %q of database %q: write one, with the tables of both.", key[1], key[0]))
		}
		seen[key] = true
	}
	if len(config.FutureTablesOwnedBy.Elements()) > 0 && !wholeSchema {
		resp.Diagnostics.AddAttributeError(path.Root("future_tables_owned_by"), "No grant covers future tables",
			"Every grant lists its tables, so that no table made later is readable: leave tables out of a grant to cover its "+
				"whole schema, or leave future_tables_owned_by out.")
	}
}

// ModifyPlan plans the computed attributes exactly, and explains what a reviewer should know.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || r.data == nil {
		return
	}
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
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
			resp.Diagnostics.AddAttributeError(path.Root("server"), "Unknown PostgreSQL server", err.Error())
			return
		}
	}
	if state == nil || len(resp.RequiresReplace) > 0 || !plan.Server.Equal(state.Server) {
		plan.planNew()
	} else {
		plan.planChange(*state)
		resp.Diagnostics.Append(diagnostic.Findings(r.data.Policy, path.Root("excess_privileges"),
			r.data.Policy.ExcessPrivileges(plan.Name.ValueString(), texts(plan.ExcessPrivileges)))...)
	}
	if !plan.usesOwnPassword() {
		resp.Diagnostics.Append(diagnostic.Findings(r.data.Policy, path.Root("password"), r.data.Policy.SecretInState(
			fmt.Sprintf("The generated password of role %q", plan.Name.ValueString()),
			"password_wo = var.password and password_wo_version = 1"))...)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// planNew plans the computed attributes of a role that is to be made.
func (m *model) planNew() {
	m.Username = m.Name
	m.PasswordVersion = types.Int64Value(1)
	m.ExcessPrivileges = types.ListUnknown(types.StringType)
	m.planPassword()
}

// planChange plans the computed attributes of a role that is there.
func (m *model) planChange(state model) {
	m.Username = m.Name
	m.Password = state.Password
	m.PasswordVersion = state.PasswordVersion
	if m.changesPassword(state) {
		m.planPassword()
		m.PasswordVersion = types.Int64Value(state.PasswordVersion.ValueInt64() + 1)
	}
	m.ExcessPrivileges = state.ExcessPrivileges
	if excess := texts(state.ExcessPrivileges); len(excess) > 0 {
		if remaining := postgresql.RemainingExcess(excess); !slices.Equal(excess, remaining) {
			m.ExcessPrivileges = textList(remaining)
		}
	}
}

func (m *model) planPassword() {
	m.Password = types.StringUnknown()
	if m.usesOwnPassword() {
		m.Password = types.StringNull()
	}
}

// texts gives a list's values; unknown and null give none.
func texts(list types.List) []string {
	values := make([]string, 0, len(list.Elements()))
	for _, element := range list.Elements() {
		if text, ok := element.(types.String); ok {
			values = append(values, text.ValueString())
		}
	}
	return values
}
