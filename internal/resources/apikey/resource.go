// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package apikey is the resource terrascale_api_key.
package apikey

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/identity"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// secretStart begins each key's secret.
const secretStart = "ts_"

// TypeName is the resource's full type name.
const TypeName = "terrascale_api_key"

var (
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithIdentity    = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)

	_ resource.ResourceWithValidateConfig = (*Resource)(nil)
)

// keys is what the resource needs of the management API.
type keys interface {
	ActiveOrganizationID(ctx context.Context) (string, error)
	CreateRecordedAPIKey(
		ctx context.Context, key terrascale.NewAPIKey, record func(terrascale.KeyAttempt),
	) (terrascale.CreatedAPIKey, error)
	Endpoint() string
	APIKeys(ctx context.Context) ([]terrascale.APIKey, error)
	APIKeyPrefix(ctx context.Context, created terrascale.CreatedAPIKey) (string, error)
	EarlierAPIKeys(ctx context.Context) ([]terrascale.APIKey, error)
	RevokeAPIKey(ctx context.Context, keyID string) error
	RevokeLeftover(ctx context.Context, attempt terrascale.KeyAttempt, inUse ...string) (*terrascale.APIKey, error)
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
		identity.Attribute{Name: keyID, Description: "The key's id. A rotation changes it."},
	)
}

// Configure takes the provider's data.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = diagnostic.ProviderData(req.ProviderData, &resp.Diagnostics)
}

func (r *Resource) keys() (keys, error) { return r.data.API.Client() }

// Create makes the key and saves it before anything else: its secret is shown this once.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State)
	var plan, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to create API key"
	keys, err := r.keys()
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	made, entry, diagnostics := r.makeKey(ctx, keys, config, &plan, summary)
	resp.Diagnostics.Append(diagnostics...)
	if made == nil {
		return
	}
	defer entry.HandOver()
	plan.ID = plan.KeyID
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(rememberOrganization(ctx, resp.Private, keys)...)
	resp.Diagnostics.Append(rotationschema.SaveDecisionTime(ctx, resp.Private, r.data.Clock())...)

	resp.Diagnostics.Append(plan.readPrefix(ctx, keys, *made)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	if !plan.Rotation.IsNull() {
		resp.Diagnostics.Append(r.replacement(plan).ExplainApply(plan.KeyID.ValueString())...)
	}
}

// Read looks the key up in the service's list. One that is no longer listed leaves the state.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State, req.State)
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to read API key"
	keys, err := r.keys()
	if errors.Is(err, providerdata.ErrNotKnownYet) {
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	listed, err := keys.APIKeys(ctx)
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	key, found := find(listed, state.KeyID.ValueString())
	if found {
		resp.Diagnostics.Append(rememberOrganization(ctx, resp.Private, keys)...)
		r.forgetSaved(ctx, keys, key.ID)
	} else {
		resp.Diagnostics.Append(checkOrganization(ctx, req.Private, keys, state.KeyID.ValueString())...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	now := r.data.Clock()
	state.forgetEndedPrevious(listed, now)
	switch {
	case found:
		resp.Diagnostics.Append(state.fromListed(ctx, key, now)...)
		resp.Diagnostics.Append(state.leftovers(key, listed, now)...)
	case state.Previous.IsNull():
		r.data.Claims.End(isGone(state.Name.ValueString()), state.KeyID.ValueString())
		resp.State.RemoveResource(ctx)
		return
	default:
		// Without the resource nobody would remember the previous key: the next apply makes a new key and ends that one.
		state.Status = statusGone
	}
	r.replacement(state).Refreshed(state.KeyID.ValueString())
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(rotationschema.RefreshDecisionTime(
		ctx, req.Private, resp.Private, state.facts(), rotationschema.Policy(state.Rotation), now)...)
}

// Update carries out what is planned: it ends the previous key, and makes a new one in place.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State, req.State)
	var plan, state, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	keys, err := r.keys()
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API("Unable to update API key", err))
		return
	}
	resp.Diagnostics.Append(checkOrganization(ctx, req.Private, keys, state.KeyID.ValueString())...)
	if resp.Diagnostics.HasError() {
		return
	}
	todo := plan.stepsFrom(config, state)
	if todo.endPrevious {
		if err := revoke(ctx, keys, state.previousID()); err != nil {
			resp.Diagnostics.Append(diagnostic.APIWithAdvice("Unable to revoke the previous API key", err, fmt.Sprintf(
				"Nothing was changed. Key %s still works: the next apply tries again.", state.previousID())))
			return
		}
		state.Previous = noPrevious
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
	if todo.rotate {
		r.rotate(ctx, keys, config, state, plan, todo.keepCurrent, resp)
		return
	}
	plan.keep(config, state)
	plan.Previous = state.Previous
	if plan.encrypts(state) {
		if err := plan.keepSecret(secret.New(state.Secret.ValueString())); err != nil {
			resp.Diagnostics.AddAttributeError(path.Root("age_recipients"), "Unable to encrypt the API key's secret", err.Error())
			return
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(rotationschema.SaveDecisionTime(ctx, resp.Private, r.data.Clock())...)
}

// Delete revokes the previous key and the current one. One that is gone is no error.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to revoke API key"
	keys, err := r.keys()
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	resp.Diagnostics.Append(checkOrganization(ctx, req.Private, keys, state.KeyID.ValueString())...)
	if resp.Diagnostics.HasError() {
		return
	}
	for _, id := range []string{state.previousID(), state.KeyID.ValueString()} {
		if id == "" {
			continue
		}
		if !state.Rotation.IsNull() {
			r.replacement(state).Ended(id)
		}
		if err := revoke(ctx, keys, id); err != nil {
			resp.Diagnostics.Append(diagnostic.APIWithAdvice(summary, err, fmt.Sprintf(
				"Key %s still works: destroy tries again.", id)))
		}
	}
	resp.Diagnostics.Append(r.endLeftovers(ctx, keys, summary, state.Name.ValueString())...)
}

// ImportState takes a key's id.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State)
	req.ID = cmp.Or(req.ID, identity.Written(req.Identity)[keyID])
	if strings.HasPrefix(req.ID, secretStart) {
		resp.Diagnostics.Append(diagnostic.InvalidImportID(
			"That is a key's secret, or the start of one. Write the key's id (keyId in the service's list). " +
				"The secret is now in your shell's history and may be in logs: consider the key leaked."))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), req.ID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("key_id"), req.ID)...)
	resp.Diagnostics.AddAttributeWarning(path.Root("secret"), "The imported API key's secret is unknown: "+req.ID,
		"The service shows a key's secret once, when the key is made, so secret stays null. If the configuration uses it, write "+
			"rotation = { trigger = \"imported\" }, apply, and change the trigger. That rotates to a key whose secret Terraform knows.")
}
