// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package adapter is the resource terrascale_adapter.
package adapter

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// TypeName is the resource's full type name.
const TypeName = "terrascale_adapter"

var (
	_ resource.ResourceWithConfigure      = (*Resource)(nil)
	_ resource.ResourceWithImportState    = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan     = (*Resource)(nil)
	_ resource.ResourceWithValidateConfig = (*Resource)(nil)
)

// Resource is the resource.
type Resource struct{ data *providerdata.Data }

// New makes the resource.
func New() resource.Resource { return &Resource{} }

// Metadata names the resource.
func (r *Resource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = TypeName
}

// Configure takes the provider's data.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = diagnostic.ProviderData(req.ProviderData, &resp.Diagnostics)
}

// Create sets the variable, then adds the adapter.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	dotenv, diagnostics := config.dotenv(ctx)
	resp.Diagnostics.Append(diagnostics...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to create adapter"
	var variable *hyperterse.Variable
	if dotenv != nil {
		variable = dotenv.toVariable()
	}
	file, adapter := plan.ConfigFile.ValueString(), plan.toAdapter()
	err := hyperterse.Create(ctx, file, adapter, variable)
	switch {
	case errors.Is(err, hyperterse.ErrAdapterExists):
		resp.Diagnostics.Append(diagnostic.AdapterExists(summary, TypeName, file, adapter.Name))
	case err != nil:
		resp.Diagnostics.Append(diagnostic.Hyperterse(path.Root("config_file"), summary, err))
	default:
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	}
}

// Read looks at both files. An adapter that is gone leaves the state.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	dotenv, diagnostics := state.dotenv(ctx)
	resp.Diagnostics.Append(diagnostics...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to read adapter"
	adapter, err := hyperterse.Read(state.ConfigFile.ValueString(), state.Name.ValueString())
	if errors.Is(err, hyperterse.ErrAdapterNotFound) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnostic.Hyperterse(path.Root("config_file"), summary, err))
		return
	}
	state.fromAdapter(adapter.Redacted())
	if dotenv != nil {
		there, err := hyperterse.HasVariable(dotenv.File.ValueString(), dotenv.Variable.ValueString())
		if err != nil {
			resp.Diagnostics.Append(diagnostic.Hyperterse(path.Root("dotenv").AtName("file"), summary, err))
			return
		}
		if !there {
			resp.Diagnostics.Append(state.forgetVersion(ctx, *dotenv)...)
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// Update sets the variable if it is another one or another version, changes the adapter, and removes the old variable.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	dotenv, diagnostics := config.dotenv(ctx)
	resp.Diagnostics.Append(diagnostics...)
	old, diagnostics := state.dotenv(ctx)
	resp.Diagnostics.Append(diagnostics...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to update adapter"
	var variable *hyperterse.Variable
	if dotenv != nil && (old == nil || !dotenv.sameVariable(*old) || !dotenv.ValueWOVersion.Equal(old.ValueWOVersion)) {
		variable = dotenv.toVariable()
	}
	file, adapter := plan.ConfigFile.ValueString(), plan.toAdapter()
	err := hyperterse.Update(ctx, file, state.Name.ValueString(), adapter, variable)
	if errors.Is(err, hyperterse.ErrAdapterExists) {
		resp.Diagnostics.Append(diagnostic.AdapterExists(summary, TypeName, file, adapter.Name))
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnostic.Hyperterse(path.Root("config_file"), summary, err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	if old == nil || dotenv != nil && old.replacedBy(*dotenv) {
		return
	}
	if err := old.remove(ctx, file, adapter.Name); err != nil {
		resp.Diagnostics.AddAttributeWarning(path.Root("dotenv"), "Unable to remove the old variable", fmt.Sprintf(
			"The adapter was changed, but %s is still set in %s: %s. Remove it by hand.", old.Variable, old.File, err))
	}
}

// replacedBy reports whether another setting is of the same variable in the same file, however its path is written.
func (d dotenvModel) replacedBy(other dotenvModel) bool {
	return d.sameVariable(other) ||
		d.Variable.Equal(other.Variable) && hyperterse.SameFile(d.File.ValueString(), other.File.ValueString())
}

// remove removes the variable, unless another adapter of the configuration file than its own refers to it.
func (d dotenvModel) remove(ctx context.Context, configFile, own string) error {
	used, err := hyperterse.RefersTo(configFile, d.Variable.ValueString(), own)
	if err != nil || used {
		return err
	}
	return hyperterse.RemoveVariable(ctx, d.File.ValueString(), d.Variable.ValueString())
}

// Delete removes the adapter, then the variable. What is gone is no error.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	dotenv, diagnostics := state.dotenv(ctx)
	resp.Diagnostics.Append(diagnostics...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to delete adapter"
	file := state.ConfigFile.ValueString()
	if err := hyperterse.Delete(ctx, file, state.Name.ValueString()); err != nil && !errors.Is(err, hyperterse.ErrAdapterNotFound) {
		resp.Diagnostics.Append(diagnostic.Hyperterse(path.Root("config_file"), summary, err))
		return
	}
	if dotenv == nil {
		return
	}
	if err := dotenv.remove(ctx, file, state.Name.ValueString()); err != nil {
		resp.Diagnostics.Append(diagnostic.Hyperterse(path.Root("dotenv").AtName("file"), summary, err))
	}
}

// ImportState takes config_file#name.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	at := strings.LastIndexByte(req.ID, '#')
	if at <= 0 || at == len(req.ID)-1 {
		resp.Diagnostics.AddError("Invalid import id", fmt.Sprintf(
			"%q is not config_file#name: write the path of the .terse file, a number sign, and the adapter's name, such as "+
				"\"./config.terse#users_db\".", req.ID))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("config_file"), req.ID[:at])...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), req.ID[at+1:])...)
}
