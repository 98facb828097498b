// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package adapter

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/hyperterse"
	"github.com/terrascale/terraform-provider-terrascale/internal/policy"
)

// verifiedTLS is, for each connector, what to write for a connection that verifies the server.
var verifiedTLS = map[string]string{
	hyperterse.Postgres: "sslmode=verify-full in connection_string",
	hyperterse.MySQL:    "tls=true in connection_string",
	hyperterse.Redis:    "rediss:// in connection_string",
	hyperterse.MongoDB:  "tls=true in connection_string",
}

// ValidateConfig refuses a connection string that holds a password or is not one of its connector's.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || !config.canBeInspected() {
		return
	}
	adapter := config.toAdapter()
	_, err := hyperterse.Inspect(adapter.Connector, adapter.ConnectionString, adapter.Options)
	if err == nil {
		return
	}
	variable := hyperterse.SuggestedVariable(adapter.Connector)
	dotenv, diagnostics := config.dotenv(ctx)
	resp.Diagnostics.Append(diagnostics...)
	if dotenv != nil && dotenv.Variable.ValueString() != "" {
		variable = dotenv.Variable.ValueString()
	}
	at := path.Root("connection_string")
	var option *hyperterse.OptionError
	if errors.As(err, &option) {
		at = path.Root("options").AtMapKey(option.Option)
	}
	resp.Diagnostics.Append(diagnostic.ConnectionString(at, adapter.Connector, variable, err))
}

// canBeInspected reports whether the connector, one that exists, and the connection string are known.
func (m model) canBeInspected() bool {
	return !m.Connector.IsUnknown() && !m.ConnectionString.IsUnknown() && hyperterse.CheckConnector(m.Connector.ValueString()) == nil
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
	if plan.canBeInspected() {
		resp.Diagnostics.Append(r.advise(plan.toAdapter())...)
	}
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

// advise warns of options that the driver does not know, and of a connection that does not verify the server.
func (r *Resource) advise(adapter hyperterse.Adapter) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	if found := hyperterse.CheckOptions(adapter.Connector, adapter.Options); len(found) > 0 {
		diagnostics.Append(diagnostic.Options(adapter.Connector, found))
	}
	seen, err := hyperterse.Inspect(adapter.Connector, adapter.ConnectionString, adapter.Options)
	if err != nil || seen.TLS == hyperterse.TrustUnknown {
		return diagnostics
	}
	var rules policy.Policy
	if r.data != nil {
		rules = r.data.Policy
	}
	diagnostics.Append(diagnostic.Findings(rules, path.Root("connection_string"), rules.UnverifiedTLS(
		fmt.Sprintf("Adapter %q", adapter.Name), verifiedTLS[adapter.Connector], seen.TLS == hyperterse.TrustVerified, seen.Loopback))...)
	return diagnostics
}
