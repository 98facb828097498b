// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package adapter

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/policyschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
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
		if dotenv.File.IsNull() && !config.ConfigFile.IsNull() {
			resp.Diagnostics.AddAttributeError(path.Root("dotenv").AtName("file"), "No file for the variable",
				"With config_file, name the .env file in file: Hyperterse 1 reads the one in the folder that it is started in, which the provider does not know. "+
					"With project, it knows the file.")
		}
	}
	resp.Diagnostics.Append(config.connection().Validate(variable)...)
}

// ModifyPlan looks at the files, and explains what a reviewer should know.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.data == nil {
		return
	}
	resp.Diagnostics.Append(r.orphans(ctx, req)...)
	if req.Plan.Raw.IsNull() {
		return
	}
	var plan, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	where, diagnostics := places{}, diag.Diagnostics(nil)
	if req.Private != nil {
		where, diagnostics = readPlaces(ctx, req.Private)
		resp.Diagnostics.Append(diagnostics...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if plan.isPlaceKnown() {
		place := r.data.Places.Share(plan.place(where))
		err := place.Check()
		if err == nil && !plan.Name.IsUnknown() {
			_, err = place.Read(plan.Name.ValueString())
		}
		if err != nil && !errors.Is(err, hyperterse.ErrAdapterNotFound) {
			resp.Diagnostics.Append(diagnostic.Hyperterse(plan.placeAt(), "Unable to use the adapter's project or file", err))
		}
	}
	dotenv, diagnostics := plan.dotenv(ctx)
	resp.Diagnostics.Append(diagnostics...)
	if dotenv != nil {
		resp.Diagnostics.Append(dotenv.advise(plan, where)...)
		configured, diagnostics := config.dotenv(ctx)
		resp.Diagnostics.Append(diagnostics...)
		if configured != nil {
			dotenv.ValueWO = configured.ValueWO
			resp.Diagnostics.Append(r.checkValue(ctx, req, *dotenv, where, plan)...)
		}
	}
	rules := policyschema.OfResource(r.data.Policy, plan.PolicyExceptions)
	resp.Diagnostics.Append(plan.connection().Advise(rules, plan.Name.ValueString())...)
	resp.Diagnostics.Append(rules.Diagnostics()...)
}

// checkValue finds a value that must not be written: two for one variable, a fresh password that no login has, and one in the place
// of a value that is somebody else's.
func (r *Resource) checkValue(
	ctx context.Context, req resource.ModifyPlanRequest, dotenv dotenvModel, where places, plan model,
) diag.Diagnostics {
	if dotenv.File.IsUnknown() || dotenv.Variable.IsUnknown() || dotenv.ValueWO.IsUnknown() || plan.Name.IsUnknown() || !plan.isPlaceKnown() {
		return nil
	}
	diagnostics := r.claim(dotenv, where, plan)
	var old *dotenvModel
	isNew := req.State.Raw.IsNull()
	if !isNew {
		var state model
		diagnostics.Append(req.State.Get(ctx, &state)...)
		var diags diag.Diagnostics
		old, diags = state.dotenv(ctx)
		diagnostics.Append(diags...)
	}
	if diagnostics.HasError() || !dotenv.isWritten(old) {
		return diagnostics
	}
	at := path.Root("dotenv")
	keeper := fmt.Sprintf("The variable %s of %s", dotenv.Variable.ValueString(), dotenv.File.ValueString())
	if decliner := r.data.Offers.Write(dotenv.value(), keeper); decliner != nil {
		diagnostics.Append(diagnostic.PasswordNotTaken(at.AtName("value_wo"), keeper, decliner.Subject))
		return diagnostics
	}
	if old != nil && old.isReplacedBy(dotenv, where) {
		return diagnostics
	}
	variable := dotenv.toVariable(where, never)
	there, isSet, err := hyperterse.ReadVariable(variable.File, variable.Name)
	if err != nil || !isSet || there.Reveal() == variable.Value.Reveal() {
		return diagnostics // What can't be read is an error already.
	}
	imported, diags := false, diag.Diagnostics(nil)
	if req.Private != nil {
		imported, diags = isImported(ctx, req.Private)
		diagnostics.Append(diags...)
	}
	place := plan.place(where)
	switch {
	case imported:
		diagnostics.Append(diagnostic.VariableTakenOver(at.AtName("variable"), variable.File, variable.Name))
	case !isNew || !r.wasBegun(ctx, place, plan.Name.ValueString(), variable):
		diagnostics.Append(diagnostic.VariableTaken(
			"Variable is set already", variable.File, variable.Name, plan.importOf(isNew, place)))
	}
	return diagnostics
}

// claim refuses a second value for the variable.
func (r *Resource) claim(dotenv dotenvModel, where places, plan model) diag.Diagnostics {
	file, variable := where.at(dotenv.File.ValueString()), dotenv.Variable.ValueString()
	keeper := fmt.Sprintf("adapter %q of %s", plan.Name.ValueString(), plan.place(nil).Path())
	if rival := r.data.Variables.Claim(file, variable, dotenv.value(), keeper); rival != "" {
		return diag.Diagnostics{diagnostic.TwoValues(path.Root("dotenv").AtName("variable"), file, variable, keeper, rival)}
	}
	return nil
}

// advise checks the .env file, and that the adapter uses the variable.
func (d dotenvModel) advise(plan model, where places) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	at := path.Root("dotenv")
	if !d.File.IsUnknown() {
		if _, err := hyperterse.HasVariable(where.at(d.File.ValueString()), d.Variable.ValueString()); err != nil {
			diagnostics.Append(diagnostic.Hyperterse(at.AtName("file"), "Unable to use the .env file", err))
		}
	}
	if !d.File.IsUnknown() {
		if read := hyperterse.DotenvBefore(where.at(d.File.ValueString())); read != "" {
			diagnostics.Append(diagnostic.DotenvHidden(at.AtName("file"), d.File.ValueString(), read))
		}
	}
	if !plan.Project.IsNull() && plan.isPlaceKnown() && !d.File.IsUnknown() {
		read := hyperterse.Project(where.at(plan.Project.ValueString())).DotenvFile()
		if filepath.Dir(read) != filepath.Dir(d.File.ValueString()) && !where.isSame(filepath.Dir(read), filepath.Dir(where.at(d.File.ValueString()))) {
			diagnostics.Append(diagnostic.AnotherDotenv(at.AtName("file"), d.File.ValueString(), read))
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

// orphans is the warning about what names an adapter that is removed, renamed or moved.
func (r *Resource) orphans(ctx context.Context, req resource.ModifyPlanRequest) diag.Diagnostics {
	if req.State.Raw.IsNull() {
		return nil
	}
	var state model
	diagnostics := req.State.Get(ctx, &state)
	where, diags := readPlaces(ctx, req.Private)
	diagnostics.Append(diags...)
	from := state.place(where)
	becomes := "is removed"
	if !req.Plan.Raw.IsNull() {
		var plan model
		diagnostics.Append(req.Plan.Get(ctx, &plan)...)
		switch {
		case diagnostics.HasError() || plan.Name.IsUnknown() || !plan.isPlaceKnown():
			return diagnostics
		case plan.place(where) != from:
			becomes = "moves to " + plan.place(where).Path()
		case !plan.Name.Equal(state.Name):
			becomes = fmt.Sprintf("is %q from now on", plan.Name.ValueString())
		default:
			return diagnostics
		}
	}
	if diagnostics.HasError() {
		return diagnostics
	}
	uses, err := r.data.Places.Share(from).Uses(state.Name.ValueString())
	if err == nil && len(uses) > 0 { // What can't be read can't be told, and stops no destroy.
		diagnostics.Append(diagnostic.AdapterInUse(from.Path(), state.Name.ValueString(), becomes, uses))
	}
	return diagnostics
}
