// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package adapter is the resource terrascale_adapter.
package adapter

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/identity"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/journal"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// TypeName is the resource's full type name.
const TypeName = "terrascale_adapter"

var (
	_ resource.ResourceWithConfigure      = (*Resource)(nil)
	_ resource.ResourceWithIdentity       = (*Resource)(nil)
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
	resp.TypeName, resp.ResourceBehavior = TypeName, identity.Behavior
}

// IdentitySchema says what tells one from another.
func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identity.Schema(
		identity.Attribute{Name: "project", Description: "The folder of `.hyperterse` (Hyperterse 2).", Optional: true},
		identity.Attribute{Name: "config_file", Description: "The path of the `.terse` file (Hyperterse 1).", Optional: true},
		identity.Attribute{Name: "name", Description: "The adapter's name."},
	)
}

// Configure takes the provider's data.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = diagnostic.ProviderData(req.ProviderData, &resp.Diagnostics)
}

// Create sets the variable, then adds the adapter.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State)
	var plan, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	dotenv, diagnostics := config.dotenv(ctx)
	resp.Diagnostics.Append(diagnostics...)
	planned, diagnostics := plan.dotenv(ctx)
	resp.Diagnostics.Append(diagnostics...)
	if resp.Diagnostics.HasError() {
		return
	}
	place, adapter := r.data.Places.Share(plan.place(nil)), plan.toAdapter()
	var variable *hyperterse.Variable
	if dotenv != nil {
		dotenv.File = planned.File // It may have been left out.
		variable = dotenv.toVariable(nil, never)
		resp.Diagnostics.Append(r.claim(*dotenv, nil, plan)...)
		if resp.Diagnostics.HasError() {
			return
		}
	}
	entry, err := r.create(ctx, place, adapter, variable)
	if err != nil {
		resp.Diagnostics.Append(plan.failed("Unable to create adapter", place, variable, true, err))
		return
	}
	defer entry.HandOver()
	plan.setFile(place)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(places{}.save(ctx, resp.Private, plan.paths(dotenv)...)...)
	if dotenv != nil {
		resp.Diagnostics.Append(saveWritten(ctx, resp.Private, dotenv.value())...)
	}
}

// failed is the error of a change of the files.
func (m model) failed(summary string, place hyperterse.Place, variable *hyperterse.Variable, isNew bool, err error) diag.Diagnostic {
	switch {
	case errors.Is(err, hyperterse.ErrAdapterExists):
		return diagnostic.AdapterExists(summary, TypeName, place.Path(), m.Name.ValueString())
	case errors.Is(err, hyperterse.ErrVariableTaken):
		return diagnostic.VariableTaken(summary, variable.File, variable.Name, m.importOf(isNew, place))
	default:
		return diagnostic.Hyperterse(m.placeAt(), summary, err)
	}
}

// importOf gives the command that imports an adapter that is not managed yet.
func (m model) importOf(isNew bool, place hyperterse.Place) string {
	if !isNew {
		return ""
	}
	return diagnostic.ImportAdapter(TypeName, place.Path(), m.Name.ValueString())
}

// Read looks at both files. An adapter that is gone leaves the state.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State, req.State)
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	dotenv, diagnostics := state.dotenv(ctx)
	resp.Diagnostics.Append(diagnostics...)
	where, diagnostics := readPlaces(ctx, req.Private)
	resp.Diagnostics.Append(diagnostics...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to read adapter"
	place := r.data.Places.Share(state.place(where))
	adapter, err := place.Read(state.Name.ValueString())
	if errors.Is(err, hyperterse.ErrAdapterNotFound) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnostic.Hyperterse(state.placeAt(), summary, err))
		return
	}
	state.setFile(place)
	r.data.Journal.Forget(journal.Adapter, scope(place), state.Name.ValueString())
	state.fromAdapter(adapter.Redacted())
	if dotenv != nil {
		value, isThere, err := hyperterse.ReadVariable(where.at(dotenv.File.ValueString()), dotenv.Variable.ValueString())
		if err != nil {
			resp.Diagnostics.Append(diagnostic.Hyperterse(path.Root("dotenv").AtName("file"), summary, err))
			return
		}
		if !isThere {
			resp.Diagnostics.Append(state.forgetVersion(ctx, *dotenv)...)
		}
		known, diagnostics := readWritten(ctx, req.Private)
		resp.Diagnostics.Append(diagnostics...)
		if isThere && known.Fingerprint == "" && !dotenv.ValueWOVersion.IsNull() { // Written by a version that did not remember it.
			resp.Diagnostics.Append(saveWritten(ctx, resp.Private, value)...)
		}
	}
	resp.Diagnostics.Append(where.save(ctx, resp.Private, state.paths(dotenv)...)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// Update sets the variable if it is another one or another version, changes or moves the adapter, and removes the old variable.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State, req.State)
	var plan, state, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	dotenv, diagnostics := config.dotenv(ctx)
	resp.Diagnostics.Append(diagnostics...)
	planned, diagnostics := plan.dotenv(ctx)
	resp.Diagnostics.Append(diagnostics...)
	old, diagnostics := state.dotenv(ctx)
	resp.Diagnostics.Append(diagnostics...)
	where, diagnostics := readPlaces(ctx, req.Private)
	resp.Diagnostics.Append(diagnostics...)
	known, diagnostics := readWritten(ctx, req.Private)
	resp.Diagnostics.Append(diagnostics...)
	imported, diagnostics := isImported(ctx, req.Private)
	resp.Diagnostics.Append(diagnostics...)
	if resp.Diagnostics.HasError() {
		return
	}
	var variable *hyperterse.Variable
	if dotenv != nil {
		dotenv.File = planned.File // As the state writes it, where it is the same.
		resp.Diagnostics.Append(r.claim(*dotenv, where, plan)...)
		if resp.Diagnostics.HasError() {
			return
		}
	}
	if dotenv != nil && dotenv.isWritten(old) {
		replaces := never
		if imported || old != nil && dotenv.sameVariable(*old) {
			replaces = always
		}
		variable = dotenv.toVariable(where, replaces)
	}
	place, adapter := r.data.Places.Share(plan.place(where)), plan.toAdapter()
	from := r.data.Places.Share(state.place(where))
	var err error
	if from == place {
		err = place.Update(ctx, state.Name.ValueString(), adapter, variable)
	} else {
		err = hyperterse.Move(ctx, from, state.Name.ValueString(), place, adapter, variable)
	}
	if err != nil {
		resp.Diagnostics.Append(plan.failed("Unable to update adapter", place, variable, false, err))
		return
	}
	plan.setFile(place)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(where.save(ctx, resp.Private, plan.paths(planned)...)...)
	if variable != nil || dotenv == nil && old != nil {
		resp.Diagnostics.Append(saveWritten(ctx, resp.Private, writtenValue(variable))...)
	}
	if imported {
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, importedKey, nil)...)
	}
	if old == nil || dotenv != nil && old.isReplacedBy(*dotenv, where) {
		return
	}
	if err := old.remove(ctx, where, place, from, adapter.Name, known); err != nil {
		resp.Diagnostics.Append(diagnostic.VariableStays(where.at(old.File.ValueString()), old.Variable.ValueString(), err))
	}
}

// isReplacedBy reports whether another setting is of the same variable in the same file, however its path is written.
func (d dotenvModel) isReplacedBy(other dotenvModel, where places) bool {
	return d.Variable.Equal(other.Variable) && where.isSame(where.at(other.File.ValueString()), d.File.ValueString())
}

// Delete removes the variable, then the adapter. What is gone is no error.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	dotenv, diagnostics := state.dotenv(ctx)
	resp.Diagnostics.Append(diagnostics...)
	where, diagnostics := readPlaces(ctx, req.Private)
	resp.Diagnostics.Append(diagnostics...)
	known, diagnostics := readWritten(ctx, req.Private)
	resp.Diagnostics.Append(diagnostics...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to delete adapter"
	place, name := r.data.Places.Share(state.place(where)), state.Name.ValueString()
	r.data.Journal.Forget(journal.Adapter, scope(place), name) // A destroy without a refresh never asked.
	var taken error
	// A run that is killed before the adapter is removed finds it again, and ends both: the other way round, the variable would stay.
	removeVariable := func() bool {
		if dotenv == nil || taken != nil {
			return true
		}
		err := dotenv.remove(ctx, where, place, place, name, known)
		if errors.Is(err, hyperterse.ErrVariableTaken) {
			taken, err = err, nil
		}
		if err != nil {
			resp.Diagnostics.Append(diagnostic.Hyperterse(path.Root("dotenv").AtName("file"), summary, err))
		}
		return err == nil
	}
	if !removeVariable() {
		return
	}
	if err := place.Delete(ctx, name); err != nil && !errors.Is(err, hyperterse.ErrAdapterNotFound) {
		resp.Diagnostics.Append(diagnostic.Hyperterse(state.placeAt(), summary, err))
		return
	}
	// Two adapters of one variable that go at once each saw the other.
	removeVariable()
	if taken != nil {
		resp.Diagnostics.Append(diagnostic.VariableStays(where.at(dotenv.File.ValueString()), dotenv.Variable.ValueString(), taken))
	}
}

// ImportState takes project#name or config_file#name.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State)
	defer identity.Follow(ctx, resp.Identity, &resp.State)
	imported := model{}
	if written := identity.Written(req.Identity); req.ID == "" {
		imported.Name = types.StringValue(written["name"])
		for name, attribute := range map[string]*types.String{"project": &imported.Project, "config_file": &imported.ConfigFile} {
			if folder, isWritten := written[name]; isWritten {
				*attribute = types.StringValue(folder)
			}
		}
		if imported.Project.IsNull() == imported.ConfigFile.IsNull() {
			resp.Diagnostics.AddError("Invalid import identity", "Write either project (Hyperterse 2) or config_file (Hyperterse 1), beside the adapter's name.")
			return
		}
	} else if !imported.fromImportID(req.ID) {
		resp.Diagnostics.Append(diagnostic.InvalidImportID(fmt.Sprintf(
			"%q is neither project#name nor config_file#name: write the folder of .hyperterse (Hyperterse 2) or the path of the .terse file "+
				"(Hyperterse 1), a number sign, and the adapter's name, such as \"./gateway#users_db\" or \"./config.terse#users_db\".", req.ID)))
		return
	}
	if err := imported.place(nil).Check(); err != nil {
		resp.Diagnostics.Append(diagnostic.Hyperterse(path.Empty(), "Unable to import adapter", err))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("project"), imported.Project)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("config_file"), imported.ConfigFile)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), imported.Name)...)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, importedKey, yes)...)
}

// fromImportID takes place#name; a folder is a project.
func (m *model) fromImportID(id string) bool {
	at := strings.LastIndexByte(id, '#')
	if at <= 0 || at == len(id)-1 {
		return false
	}
	m.Name = types.StringValue(id[at+1:])
	if info, err := os.Stat(id[:at]); err == nil && info.IsDir() {
		m.Project = types.StringValue(id[:at])
	} else {
		m.ConfigFile = types.StringValue(id[:at])
	}
	return true
}
