// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package adapter

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

// ValidateConfig refuses a connection string that holds a password or is not one of its connector's.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	dotenv, diagnostics := config.dotenv(ctx)
	resp.Diagnostics.Append(diagnostics...)
	if resp.Diagnostics.HasError() {
		return
	}
	variable := ""
	if dotenv != nil {
		variable = dotenv.Variable.ValueString()
	}
	resp.Diagnostics.Append(config.connection().Validate(variable)...)
}

// ModifyPlan looks at the files, and explains what a reviewer should know.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !plan.ConfigFile.IsUnknown() {
		if err := hyperterse.Check(plan.ConfigFile.ValueString()); err != nil {
			resp.Diagnostics.Append(diagnostic.Hyperterse(path.Root("config_file"), "Unable to use the configuration file", err))
		}
	}
	dotenv, diagnostics := plan.dotenv(ctx)
	resp.Diagnostics.Append(diagnostics...)
	if dotenv != nil {
		resp.Diagnostics.Append(dotenv.advise(plan)...)
	}
	var rules policy.Policy
	if r.data != nil {
		rules = r.data.Policy
	}
	resp.Diagnostics.Append(plan.connection().Advise(rules, fmt.Sprintf("Adapter %q", plan.Name.ValueString()))...)
}

// advise checks the .env file, and that the adapter uses the variable.
func (d dotenvModel) advise(plan model) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	at := path.Root("dotenv")
	if !d.File.IsUnknown() {
		if _, err := hyperterse.HasVariable(d.File.ValueString(), d.Variable.ValueString()); err != nil {
			diagnostics.Append(diagnostic.Hyperterse(at.AtName("file"), "Unable to use the .env file", err))
		}
	}
	if d.Variable.IsUnknown() || plan.ConnectionString.IsUnknown() || plan.Options.IsUnknown() {
		return diagnostics
	}
	adapter := plan.toAdapter()
	used := hyperterse.References(adapter.ConnectionString)
	for _, value := range adapter.Options {
		used = append(used, hyperterse.References(value)...)
	}
	if !slices.Contains(used, d.Variable.ValueString()) {
		diagnostics.Append(diagnostic.UnusedVariable(at.AtName("variable"), d.Variable.ValueString(), used))
	}
	return diagnostics
}
