// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package ipallowlist is the resource terrascale_ip_allowlist.
package ipallowlist

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/expiry"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/identity"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// TypeName is the resource's full type name.
const TypeName = "terrascale_ip_allowlist"

var (
	_ resource.ResourceWithConfigure      = (*Resource)(nil)
	_ resource.ResourceWithIdentity       = (*Resource)(nil)
	_ resource.ResourceWithImportState    = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan     = (*Resource)(nil)
	_ resource.ResourceWithValidateConfig = (*Resource)(nil)
)

// lists is what the resource needs of the management API.
type lists interface {
	ActiveOrganizationID(ctx context.Context) (string, error)
	IPAllowlist(ctx context.Context, organizationID string) (terrascale.IPAllowlist, error)
	GetIPAllowlist(ctx context.Context, organizationID string) (terrascale.IPAllowlist, error)
	PutIPAllowlist(ctx context.Context, organizationID string, list terrascale.IPAllowlist) (terrascale.IPAllowlist, error)
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
		identity.Attribute{Name: "organization_id", Description: "The organization's id. Default: the one that the provider works in.", Optional: true},
	)
}

// Configure takes the provider's data.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = diagnostic.ProviderData(req.ProviderData, &resp.Diagnostics)
}

func (r *Resource) lists() (lists, error) { return r.data.API.Client() }

// organization gives the organization that a model names, or the active one.
func organization(ctx context.Context, lists lists, m model) (string, error) {
	if named := m.OrganizationID.ValueString(); named != "" {
		return named, nil
	}
	return lists.ActiveOrganizationID(ctx)
}

// Create replaces whatever the organization's list holds.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State)
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	now := r.data.Clock()
	wanted := plan.toList(now)
	const summary = "Unable to create IP allowlist"
	lists, err := r.lists()
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	organizationID, err := organization(ctx, lists, plan)
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	current, err := lists.GetIPAllowlist(ctx, organizationID)
	if err != nil {
		resp.Diagnostics.Append(failure(summary, err))
		return
	}
	// The plan has named all that goes. Terraform has planned once more just now, also where the plan was saved.
	if seen, wasSeen := r.data.Allowlists.Replaced(organizationID); wasSeen && !sameContent(current, seen) {
		resp.Diagnostics.Append(failure(summary, changedSince(seen, current)))
		return
	}
	wanted.ETag = current.ETag
	written, err := lists.PutIPAllowlist(ctx, organizationID, wanted)
	if err != nil {
		resp.Diagnostics.Append(failure(summary, err))
		return
	}
	plan.settle(organizationID, written.CallerIP, now)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(saveETag(ctx, resp.Private, written.ETag)...)
}

// Read takes over what the list holds. The list of an organization that is gone leaves the state.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State, req.State)
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = diagnostic.UnableToReadIPAllowlist
	lists, err := r.lists()
	if errors.Is(err, providerdata.ErrNotKnownYet) {
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	current, err := lists.IPAllowlist(ctx, state.OrganizationID.ValueString())
	if errors.Is(err, terrascale.ErrNotFound) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(failure(summary, err))
		return
	}
	now := r.data.Clock()
	if state.fromList(current, now) {
		resp.Diagnostics.Append(expiry.SaveSeenAt(ctx, resp.Private, now)...)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(saveETag(ctx, resp.Private, current.ETag)...)
}

// Update replaces the list that the plan was made from, and no other.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State, req.State)
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	now := r.data.Clock()
	known, wanted := state.toList(now), plan.toList(now)
	var diagnostics diag.Diagnostics
	known.ETag, diagnostics = readETag(ctx, req.Private)
	resp.Diagnostics.Append(diagnostics...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to update IP allowlist"
	callerIP := state.CallerIP.ValueString()
	if !sameContent(known, wanted) {
		lists, err := r.lists()
		if err != nil {
			resp.Diagnostics.Append(diagnostic.API(summary, err))
			return
		}
		written, err := replace(ctx, lists, plan.OrganizationID.ValueString(), known, wanted)
		if err != nil {
			resp.Diagnostics.Append(failure(summary, err))
			return
		}
		callerIP = written.CallerIP
		resp.Diagnostics.Append(saveETag(ctx, resp.Private, written.ETag)...)
	}
	plan.settle(plan.OrganizationID.ValueString(), callerIP, now)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// Delete empties and disables the list that the plan was made from, and no other.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	known := state.toList(r.data.Clock())
	var diagnostics diag.Diagnostics
	known.ETag, diagnostics = readETag(ctx, req.Private)
	resp.Diagnostics.Append(diagnostics...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to disable IP allowlist"
	lists, err := r.lists()
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	_, err = replace(ctx, lists, state.OrganizationID.ValueString(), known, terrascale.IPAllowlist{})
	if err != nil && !errors.Is(err, terrascale.ErrNotFound) {
		resp.Diagnostics.Append(failure(summary, err))
	}
}

// ImportState takes an organization's id.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State)
	req.ID = cmp.Or(req.ID, identity.Written(req.Identity)["organization_id"])
	if strings.Contains(req.ID, "/") {
		resp.Diagnostics.Append(diagnostic.InvalidImportID(fmt.Sprintf(
			"%q is not an organization's id: write for example \"org_01HZX3M5V7\".", req.ID)))
		return
	}
	if req.ID == "" {
		const summary = "Unable to import IP allowlist"
		lists, err := r.lists()
		if err != nil {
			resp.Diagnostics.Append(diagnostic.API(summary, err))
			return
		}
		if req.ID, err = lists.ActiveOrganizationID(ctx); err != nil {
			resp.Diagnostics.Append(diagnostic.API(summary, err))
			return
		}
	}
	resource.ImportStatePassthroughID(ctx, path.Root("organization_id"), req, resp)
}
