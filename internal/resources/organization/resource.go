// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package organization is the resource and the data source terrascale_organization.
package organization

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/identity"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/journal"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// TypeName is the full type name of the resource and of the data source.
const TypeName = "terrascale_organization"

const readSummary = "Unable to read organization"

var (
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithIdentity    = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)
)

// organizations is what the resource needs of the management API.
type organizations interface {
	Endpoint() string
	CreateOrganization(ctx context.Context, organization terrascale.NewOrganization) (terrascale.Organization, error)
	GetOrganization(ctx context.Context, organizationID string) (terrascale.Organization, error)
	UpdateOrganization(ctx context.Context, organizationID string, update terrascale.OrganizationUpdate) (terrascale.Organization, error)
	DeleteOrganization(ctx context.Context, organizationID string) error
	ListOrganizations(ctx context.Context) ([]terrascale.Membership, error)
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
		identity.Attribute{Name: "id", Description: "The organization's id."},
	)
}

// Configure takes the provider's data.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = diagnostic.ProviderData(req.ProviderData, &resp.Diagnostics)
}

func (r *Resource) organizations() (organizations, error) { return r.data.API.Client() }

// Create makes the organization, saves it, and then sets what the service does not take while it makes one.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State)
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to create organization"
	organizations, err := r.organizations()
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	created, entry, err := r.create(ctx, organizations, plan.toNew())
	defer entry.HandOver()
	if err != nil {
		resp.Diagnostics.Append(notCreated(summary, err, plan.toNew()))
		return
	}
	made := plan
	made.fromOrganization(created)
	resp.Diagnostics.Append(resp.State.Set(ctx, made)...)
	if update := plan.changesFrom(made.facts); update != nil {
		updated, err := organizations.UpdateOrganization(ctx, created.ID, *update)
		if err != nil {
			resp.Diagnostics.Append(diagnostic.APIWithAdvice("Unable to set up the new organization", err, halfMade(created.ID)))
			return
		}
		made.fromOrganization(updated)
		resp.Diagnostics.Append(resp.State.Set(ctx, made)...)
	}
	if lines := plan.differences(made.facts); len(lines) > 0 {
		resp.Diagnostics.Append(otherwise(lines, halfMade(created.ID)))
	}
}

// halfMade says how an organization that is there, but not as it is to be, becomes so.
func halfMade(organizationID string) string {
	return fmt.Sprintf("Organization %s was made, and Terraform takes it for damaged (tainted) now. To keep it, run terraform untaint with "+
		"the address of this resource, and apply again: that sets the rest.", organizationID)
}

// otherwise is the error of a service that answers with success and does something else.
func otherwise(lines []string, next string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("The service did not do what was asked", fmt.Sprintf(
		"It answered with success, but now: %s. Write what the service says into the configuration, or leave the attribute out.\n\n%s",
		strings.Join(lines, "; "), next))
}

// Read takes over what the service says. A deleted organization leaves the state.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State, req.State)
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = readSummary
	organizations, err := r.organizations()
	if errors.Is(err, providerdata.ErrNotKnownYet) {
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	organizationID := state.ID.ValueString()
	current, err := organizations.GetOrganization(ctx, organizationID)
	if errors.Is(err, terrascale.ErrNotFound) || err == nil && current.Status == terrascale.OrganizationDeleted {
		resp.Diagnostics.AddWarning("The organization is gone: "+organizationID, fmt.Sprintf(
			"Organization %s was deleted, or the user that the provider logs in as is no longer a member of it: the service does not say "+
				"which. It leaves the state, so the next apply creates a new, empty one. If it still exists, log in as "+
				"one of its members before you apply.", organizationID))
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	if current.Status == terrascale.OrganizationSuspended {
		resp.Diagnostics.AddAttributeWarning(path.Root("status"), "The organization is suspended: "+organizationID, fmt.Sprintf(
			"The service refuses every change to organization %s and to what is in it. Its owner can ask the "+
				"service's support to end the suspension.", organizationID))
	}
	r.data.Journal.Forget(journal.Organization, organizations.Endpoint(), current.ID)
	state.fromOrganization(current)
	if state.DeletionProtection.IsNull() {
		state.DeletionProtection = types.BoolValue(true)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// Update changes the name, the billing address and whether a second factor is required.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State, req.State)
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to update organization"
	if update := plan.changesFrom(state.facts); update != nil {
		organizations, err := r.organizations()
		if err != nil {
			resp.Diagnostics.Append(diagnostic.API(summary, err))
			return
		}
		organizationID := state.ID.ValueString()
		updated, err := organizations.UpdateOrganization(ctx, organizationID, *update)
		if err != nil {
			resp.Diagnostics.Append(notChanged(ctx, organizations, summary, err, organizationID, "owner", "admin"))
			return
		}
		made := plan
		made.fromOrganization(updated)
		if lines := plan.differences(made.facts); len(lines) > 0 {
			made.DeletionProtection = state.DeletionProtection
			resp.Diagnostics.Append(resp.State.Set(ctx, made)...)
			resp.Diagnostics.Append(otherwise(lines, "Everything else is as planned."))
			return
		}
	}
	// What the service changed by itself meanwhile shows in the next refresh: what was planned is what is saved.
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// Delete deletes the organization, unless it is protected. One that is gone is no error.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if state.isProtected() {
		// Terraform does not show the provider every end while it plans: not that of -replace, and not that of a tainted resource.
		resp.Diagnostics.AddError(diagnostic.ProtectedFromDeletion, fmt.Sprintf(
			"%s It was not deleted. If Terraform marked it as tainted, run terraform untaint with the address of this resource to keep "+
				"it. If you want to delete it, set deletion_protection = false and apply that first.", named(state)))
		return
	}
	const summary = "Unable to delete organization"
	organizations, err := r.organizations()
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	organizationID := state.ID.ValueString()
	if err := organizations.DeleteOrganization(ctx, organizationID); err != nil && !errors.Is(err, terrascale.ErrNotFound) {
		resp.Diagnostics.Append(notChanged(ctx, organizations, summary, err, organizationID, "owner"))
	}
}

// ImportState takes an organization's id.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State)
	req.ID = cmp.Or(req.ID, identity.Written(req.Identity)["id"])
	if req.ID == "" || strings.ContainsAny(req.ID, "/@ ") {
		resp.Diagnostics.Append(diagnostic.InvalidImportID(fmt.Sprintf(
			"%q is not an organization's id: write for example \"org_01HZX3M5V7\".", req.ID)))
		return
	}
	resource.ImportStatePassthroughID(ctx, path.Root("id"), req, resp)
}
