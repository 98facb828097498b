// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package repository is the resource terrascale_repository.
package repository

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/identity"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// TypeName is the resource's full type name.
const TypeName = "terrascale_repository"

const (
	readSummary   = "Unable to read repository"
	invalidSchema = "Invalid schema"
)

// defaultTimeout is how long a creation may take.
const defaultTimeout = 20 * time.Minute

var (
	_ resource.ResourceWithConfigure      = (*Resource)(nil)
	_ resource.ResourceWithIdentity       = (*Resource)(nil)
	_ resource.ResourceWithImportState    = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan     = (*Resource)(nil)
	_ resource.ResourceWithValidateConfig = (*Resource)(nil)
)

// repositories is what the resource needs of the management API.
type repositories interface {
	Endpoint() string
	ListRepositories(ctx context.Context, databaseID string) ([]terrascale.Repository, error)
	CreateRepository(ctx context.Context, databaseID string, repository terrascale.NewRepository) (terrascale.Repository, error)
	GetRepository(ctx context.Context, databaseID, repositoryID string) (terrascale.Repository, error)
	WaitForRepository(
		ctx context.Context, databaseID, repositoryID string, seen func(terrascale.Repository),
	) (terrascale.Repository, error)
	DeleteRepository(ctx context.Context, databaseID, repositoryID string) error
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
		identity.Attribute{Name: "database_id", Description: "The id of the database that it is in."},
		identity.Attribute{Name: "repository_id", Description: "The repository's id."},
	)
}

// Configure takes the provider's data.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = diagnostic.ProviderData(req.ProviderData, &resp.Diagnostics)
}

func (r *Resource) repositories() (repositories, error) { return r.data.API.Client() }

// Create makes the repository and waits until it can be used.
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
	const summary = "Unable to create repository"
	repositories, err := r.repositories()
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	databaseID := plan.DatabaseID.ValueString()
	wanted, err := plan.toAPI()
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("schema"), invalidSchema, err.Error())
		return
	}
	created, entry, err := r.create(ctx, repositories, databaseID, wanted)
	defer entry.HandOver()
	if err != nil {
		resp.Diagnostics.Append(failure(summary, plan.Name.ValueString(), err))
		return
	}
	resp.Diagnostics.Append(settle(ctx, &resp.State, &plan, created)...)
	active, err := repositories.WaitForRepository(ctx, databaseID, created.ID, func(repository terrascale.Repository) {
		plan.Status = types.StringValue(repository.Status)
		tflog.Info(ctx, "waiting for the repository", map[string]any{"repository_id": repository.ID, "status": repository.Status})
	})
	if err != nil {
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
		resp.Diagnostics.Append(diagnostic.NotActive("Repository is not active", TypeName, "create", err))
		return
	}
	resp.Diagnostics.Append(settle(ctx, &resp.State, &plan, active)...)
}

// settle writes what the service says into the state.
func settle(ctx context.Context, state *tfsdk.State, m *model, repository terrascale.Repository) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	if err := m.fromAPI(repository); err != nil {
		diagnostics.AddAttributeError(path.Root("schema"), readSummary, fmt.Sprintf(
			"The service's schema is not understood: %s. It differs from what this version of the provider knows: please report it.", err))
	}
	return append(diagnostics, state.Set(ctx, *m)...)
}

func failure(summary, name string, err error) diag.Diagnostic {
	if errors.Is(err, terrascale.ErrConflict) {
		return diagnostic.APIWithAdvice(summary, err, fmt.Sprintf(
			"Names are unique in the database. Choose another one than %q; or, if that repository is to be managed here, import it: "+
				"terraform import %s.<name> <database id>/<repository id>.", name, TypeName))
	}
	return diagnostic.API(summary, err)
}

// Read takes over what the service says. A repository that is gone leaves the state.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State, req.State)
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = readSummary
	repositories, err := r.repositories()
	if errors.Is(err, providerdata.ErrNotKnownYet) {
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	found, err := repositories.GetRepository(ctx, state.DatabaseID.ValueString(), state.RepositoryID.ValueString())
	if errors.Is(err, terrascale.ErrNotFound) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	r.forgetSaved(repositories, found.DatabaseID, found.ID)
	resp.Diagnostics.Append(settle(ctx, &resp.State, &state, found)...)
	if found.Status == terrascale.StatusError {
		resp.Diagnostics.AddWarning("Repository has failed: "+found.Name, fmt.Sprintf(
			"The service reports the status %s for repository %q (%s). Terraform can't repair it, and a replacement loses its data. Ask the "+
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

// Delete deletes the repository, if nothing protects it.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to delete repository"
	repositories, err := r.repositories()
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	databaseID, id := state.DatabaseID.ValueString(), state.RepositoryID.ValueString()
	if state.DeletionProtection.ValueBool() {
		current, err := repositories.GetRepository(ctx, databaseID, id)
		switch {
		case errors.Is(err, terrascale.ErrNotFound):
			return
		case err != nil:
			resp.Diagnostics.Append(diagnostic.API(summary, err))
			return
		case state.WasActive.ValueBool() || current.Status != terrascale.StatusCreating && current.Status != terrascale.StatusError:
			resp.Diagnostics.Append(diagnostic.Protected("repository", state.Name.ValueString()))
			return
		}
	}
	if err := repositories.DeleteRepository(ctx, databaseID, id); err != nil && !errors.Is(err, terrascale.ErrNotFound) {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
	}
}

// ImportState takes database_id/repository_id.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State)
	if written := identity.Written(req.Identity); req.ID == "" {
		req.ID = written["database_id"] + "/" + written["repository_id"]
	}
	databaseID, id, _ := strings.Cut(req.ID, "/")
	if databaseID == "" || id == "" || strings.Contains(id, "/") {
		resp.Diagnostics.Append(diagnostic.InvalidImportID(fmt.Sprintf(
			"%q is not database_id/repository_id: write for example \"db_01HZX3M5V7/repo_01HZX4Q2K9\".", req.ID)))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("database_id"), databaseID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("repository_id"), id)...)
}
