// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package redisreadonlyuser is the resource terrascale_redis_readonly_user.
package redisreadonlyuser

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/identity"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/passwordschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/timeouts"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/redis"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret/fingerprint"
)

// TypeName is the resource's full type name.
const TypeName = "terrascale_redis_readonly_user"

var (
	_ resource.ResourceWithConfigure      = (*Resource)(nil)
	_ resource.ResourceWithIdentity       = (*Resource)(nil)
	_ resource.ResourceWithImportState    = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan     = (*Resource)(nil)
	_ resource.ResourceWithValidateConfig = (*Resource)(nil)
)

// users is what the resource needs of a server.
type users interface {
	Address() string
	CreateUser(ctx context.Context, user redis.User, digests []string) error
	ReadUser(ctx context.Context, known redis.User) (redis.Observed, error)
	SetUser(ctx context.Context, user redis.User, digests []string) error
	DropUser(ctx context.Context, name string) error
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
		identity.Attribute{Name: "server", Description: "A name in the provider's `redis` map. Default `default`.", Optional: true},
		identity.Attribute{Name: "name", Description: "The user's name."},
	)
}

// Configure takes the provider's data.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = diagnostic.ProviderData(req.ProviderData, &resp.Diagnostics)
}

// server gives the server that a model names.
func (r *Resource) server(name string) (users, error) {
	server, err := r.data.Redis.Get(name)
	if err != nil {
		return nil, err
	}
	return server, nil
}

// Create makes the user.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State)
	var plan, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to create Redis user"
	ctx, cancel := timeouts.Limit(ctx, plan.Timeouts.Create, &resp.Diagnostics)
	defer cancel()
	server, err := r.server(plan.Server.ValueString())
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("server"), summary, err.Error())
		return
	}
	user, diagnostics := plan.toUser(ctx)
	resp.Diagnostics.Append(diagnostics...)
	password, err := plan.NewPassword(config.Attributes)
	if err != nil {
		resp.Diagnostics.AddError(summary, err.Error())
	}
	if resp.Diagnostics.HasError() {
		return
	}
	digest := redis.Digest(password)
	unsaved, entry, dropped, err := r.createRecorded(ctx, server, user, digest)
	defer entry.HandOver()
	if dropped {
		resp.Diagnostics.Append(diagnostic.LeftoverDropped("Redis user", user.Name))
	}
	if errors.Is(err, redis.ErrUserExists) {
		resp.Diagnostics.AddError(summary, fmt.Sprintf(
			"Server %q has a user %q already, and the provider does not take over what it did not make.\n\n"+
				"To manage that user from now on, import it: terraform import %s.<name> '%[1]s/%[2]s'",
			plan.Server.ValueString(), user.Name, TypeName))
		return
	}
	resp.Diagnostics.Append(notSaved(summary, plan, errors.Join(err, unsaved))...)
	if resp.Diagnostics.HasError() {
		return
	}
	now := r.data.Clock()
	made := credentials{Record: passwordschema.Record{SetAt: now, Own: config.BringsPassword(), Fingerprint: fingerprint.New(digest)}}
	plan.ForgetPasswordWO()
	plan.RememberPassword(made.Record)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(made.Save(ctx, resp.Private)...)
	resp.Diagnostics.Append(rotationschema.SaveDecisionTime(ctx, resp.Private, now)...)
	if !plan.Rotation.IsNull() {
		resp.Diagnostics.Append(r.replacement(plan).ExplainApply(plan.credentialName())...)
	}
}

// Read looks at the user on the server. One that is gone leaves the state.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State, req.State)
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to read Redis user"
	ctx, cancel := timeouts.Limit(ctx, state.Timeouts.Read, &resp.Diagnostics)
	defer cancel()
	server, err := r.server(state.Server.ValueString())
	if errors.Is(err, providerdata.ErrNotKnownYet) {
		return
	}
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("server"), summary, err.Error())
		return
	}
	user, diagnostics := state.toUser(ctx)
	resp.Diagnostics.Append(diagnostics...)
	observed, err := server.ReadUser(ctx, user)
	if errors.Is(err, redis.ErrUserNotFound) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnostic.Redis(summary, state.Server.ValueString(), err))
		return
	}
	r.forgetSaved(server, user.Name)
	now := r.data.Clock()
	remembered, known, diagnostics := state.credentials(ctx, req.Private, now)
	resp.Diagnostics.Append(diagnostics...)
	if remembered.look(observed, known) {
		resp.Diagnostics.Append(remembered.Save(ctx, resp.Private)...)
	}
	state.RememberPassword(remembered.Record)
	resp.Diagnostics.Append(state.fromObserved(ctx, observed, remembered)...)
	r.replacement(state).Refreshed(state.credentialName())
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(rotationschema.RefreshDecisionTime(
		ctx, req.Private, resp.Private, state.facts(remembered), rotationschema.Policy(state.Rotation), now)...)
}

// Update brings the user to what is planned, in one command.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State, req.State)
	var plan, state, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	now := r.data.Clock()
	remembered, _, diagnostics := state.credentials(ctx, req.Private, now)
	resp.Diagnostics.Append(diagnostics...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to update Redis user"
	ctx, cancel := timeouts.Limit(ctx, plan.Timeouts.Update, &resp.Diagnostics)
	defer cancel()
	server, err := r.server(plan.Server.ValueString())
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("server"), summary, err.Error())
		return
	}
	user, diagnostics := plan.toUser(ctx)
	resp.Diagnostics.Append(diagnostics...)
	password, err := plan.PasswordToSet(config.Attributes, state.Attributes)
	if err != nil {
		resp.Diagnostics.AddError(summary, err.Error())
	}
	if resp.Diagnostics.HasError() {
		return
	}
	observed, err := server.ReadUser(ctx, user)
	if err != nil {
		resp.Diagnostics.Append(diagnostic.Redis(summary, plan.Server.ValueString(), err))
		return
	}
	digests, next := remembered.after(plan, observed.Digests, password, config.BringsPassword(), now)
	resp.Diagnostics.Append(notSaved(summary, plan, server.SetUser(ctx, user, digests))...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.settlePrevious(now)
	plan.ForgetPasswordWO()
	plan.RememberPassword(next.Record)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(next.Save(ctx, resp.Private)...)
	resp.Diagnostics.Append(rotationschema.SaveDecisionTime(ctx, resp.Private, now)...)
}

// Delete drops the user, and ends its connections. One that is gone is no error.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to drop Redis user"
	ctx, cancel := timeouts.Limit(ctx, state.Timeouts.Delete, &resp.Diagnostics)
	defer cancel()
	server, err := r.server(state.Server.ValueString())
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("server"), summary, err.Error())
		return
	}
	if !state.Rotation.IsNull() {
		r.replacement(state).Ended(state.credentialName())
	}
	r.forgetSaved(server, state.Name.ValueString()) // A destroy without a refresh never asked.
	if err := server.DropUser(ctx, state.Name.ValueString()); !errors.Is(err, redis.ErrUserNotFound) {
		resp.Diagnostics.Append(notSaved(summary, state, err)...)
	}
}

// ImportState takes server/name.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State)
	server, name, found := strings.Cut(req.ID, "/")
	if written := identity.Written(req.Identity); req.ID == "" {
		server, name, found = cmp.Or(written["server"], "default"), written["name"], true
	}
	if !found || server == "" || name == "" {
		resp.Diagnostics.Append(diagnostic.InvalidImportID(fmt.Sprintf(
			"%q is not server/name: write the name of a server in the provider's redis map, a slash, and the user's name, such as "+
				"\"default/gateway\".", req.ID)))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("server"), server)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), name)...)
}

// notSaved turns an error into a diagnostic: a change that is in force until the server restarts is a warning.
func notSaved(summary string, of model, err error) diag.Diagnostics {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, redis.ErrNotSaved):
		return diag.Diagnostics{diag.NewWarningDiagnostic("Redis user is lost when the server restarts: "+of.Name.ValueString(), fmt.Sprintf(
			"Server %q: %s.\n\nThe change works now, and is lost when the server restarts. To keep it, give the server an ACL file (aclfile in its "+
				"configuration), or a configuration file that it may write.", of.Server.ValueString(), err))}
	default:
		return diag.Diagnostics{diagnostic.Redis(summary, of.Server.ValueString(), err)}
	}
}
