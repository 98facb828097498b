// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package database is the resource terrascale_database.
package database

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/identity"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// TypeName is the resource's full type name.
const TypeName = "terrascale_database"

// defaultTimeout is how long a creation or a deletion may take.
const defaultTimeout = 20 * time.Minute

var (
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithIdentity    = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)
)

// databases is what the resource needs of the management API.
type databases interface {
	Endpoint() string
	ActiveOrganizationID(ctx context.Context) (string, error)
	ListDatabases(ctx context.Context) ([]terrascale.Database, error)
	CreateDatabase(ctx context.Context, database terrascale.NewDatabase) (terrascale.Database, error)
	GetDatabase(ctx context.Context, databaseID string) (terrascale.Database, error)
	WaitForDatabase(ctx context.Context, databaseID string, seen func(terrascale.Database)) (terrascale.Database, error)
	DeleteDatabase(ctx context.Context, databaseID string) error
	WaitForDatabaseGone(ctx context.Context, databaseID string) error
}

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
		identity.Attribute{Name: "id", Description: "The database's id."},
	)
}

// Configure takes the provider's data.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = diagnostic.ProviderData(req.ProviderData, &resp.Diagnostics)
}

func (r *Resource) databases() (databases, error) { return r.data.API.Client() }

// ModifyPlan refuses to lose a protected database, and says what a replacement loses.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.State.Raw.IsNull() {
		return
	}
	var state, plan model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	isProtected := state.DeletionProtection.ValueBool()
	if req.Plan.Raw.IsNull() {
		if isProtected {
			resp.Diagnostics.Append(diagnostic.Protected("database", state.Name.ValueString()))
		}
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	var changes path.Paths
	for name, changed := range map[string]bool{
		"name":     !plan.Name.Equal(state.Name),
		"region":   !plan.Region.Equal(state.Region),
		"settings": !plan.Settings.Equal(state.Settings),
	} {
		if changed {
			changes.Append(path.Root(name))
		}
	}
	resp.Diagnostics.Append(diagnostic.Replaced("database", state.Name.ValueString(), isProtected, changes)...)
}

// Create makes the database and waits until it can be used.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State)
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, diagnostics := plan.Timeouts.Create(ctx, defaultTimeout)
	resp.Diagnostics.Append(diagnostics...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to create database"
	databases, err := r.databases()
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	created, entry, err := r.create(ctx, databases, plan.toAPI())
	defer entry.HandOver()
	if err != nil {
		resp.Diagnostics.Append(failure(summary, plan.Name.ValueString(), err))
		return
	}
	plan.fromAPI(created)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	active, err := databases.WaitForDatabase(ctx, created.ID, func(database terrascale.Database) {
		plan.Status = types.StringValue(database.Status)
		tflog.Info(ctx, "waiting for the database", map[string]any{"database_id": database.ID, "status": database.Status})
	})
	if err != nil {
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
		resp.Diagnostics.Append(diagnostic.NotActive("Database is not active", TypeName, "create", err))
		return
	}
	plan.fromAPI(active)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

func failure(summary, name string, err error) diag.Diagnostic {
	if errors.Is(err, terrascale.ErrConflict) {
		return diagnostic.APIWithAdvice(summary, err, fmt.Sprintf(
			"Names are unique in the organization. Choose another one than %q; or, if that database is to be managed here, import it by its "+
				"id: terraform import %s.<name> <id>.", name, TypeName))
	}
	return diagnostic.API(summary, err)
}

// Read takes over what the service says. A database that is gone leaves the state.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State, req.State)
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to read database"
	databases, err := r.databases()
	if errors.Is(err, providerdata.ErrNotKnownYet) {
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	found, err := databases.GetDatabase(ctx, state.ID.ValueString())
	if errors.Is(err, terrascale.ErrNotFound) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	r.forgetSaved(ctx, databases, found.ID)
	state.fromAPI(found)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	if found.Status == terrascale.StatusError {
		resp.Diagnostics.AddWarning("Database has failed: "+found.Name, fmt.Sprintf(
			"The service reports the status %s for database %q (%s). Terraform can't repair it, and a replacement loses its data. Ask the "+
				"service's support first.", found.Status, found.Name, found.ID))
	}
}

// Update changes what only the state holds: everything else replaces.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State, req.State)
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	}
}

// Delete deletes the database, if nothing protects it, and waits until it is gone.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	timeout, diagnostics := state.Timeouts.Delete(ctx, defaultTimeout)
	resp.Diagnostics.Append(diagnostics...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to delete database"
	databases, err := r.databases()
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	id := state.ID.ValueString()
	if state.DeletionProtection.ValueBool() {
		current, err := databases.GetDatabase(ctx, id)
		switch {
		case errors.Is(err, terrascale.ErrNotFound):
			return
		case err != nil:
			resp.Diagnostics.Append(diagnostic.API(summary, err))
			return
		case state.WasActive.ValueBool() || current.Status != terrascale.StatusCreating && current.Status != terrascale.StatusError:
			resp.Diagnostics.Append(diagnostic.Protected("database", state.Name.ValueString()))
			return
		}
	}
	err = databases.DeleteDatabase(ctx, id)
	if err == nil {
		err = databases.WaitForDatabaseGone(ctx, id)
	}
	if err != nil && !errors.Is(err, terrascale.ErrNotFound) {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
	}
}

// ImportState takes a database's id.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State)
	req.ID = cmp.Or(req.ID, identity.Written(req.Identity)["id"])
	if strings.Contains(req.ID, "/") {
		resp.Diagnostics.Append(diagnostic.InvalidImportID(fmt.Sprintf("%q is not a database's id: write for example \"db_01HZX3M5V7\".", req.ID)))
		return
	}
	resource.ImportStatePassthroughID(ctx, path.Root("id"), req, resp)
}
