// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package postgresqlreadonlyrole is the resource terrascale_postgresql_readonly_role.
package postgresqlreadonlyrole

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/identity"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/passwordschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/timeouts"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret/fingerprint"
)

// TypeName is the resource's full type name.
const TypeName = "terrascale_postgresql_readonly_role"

var (
	_ resource.ResourceWithConfigure      = (*Resource)(nil)
	_ resource.ResourceWithIdentity       = (*Resource)(nil)
	_ resource.ResourceWithImportState    = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan     = (*Resource)(nil)
	_ resource.ResourceWithValidateConfig = (*Resource)(nil)
)

// roles is what the resource needs of a server.
type roles interface {
	Address() string
	CheckWritable(ctx context.Context, database string) error
	CreateRole(ctx context.Context, role postgresql.Role, password secret.String) (*postgresql.Observed, error)
	ReadRole(ctx context.Context, known postgresql.Role) (*postgresql.Observed, error)
	UpdateRole(ctx context.Context, name string, role postgresql.Role, password secret.String) (digest string, err error)
	DropRole(ctx context.Context, name string, terminate bool) error
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
		identity.Attribute{Name: "server", Description: "A name in the provider's `postgresql` map. Default `default`.", Optional: true},
		identity.Attribute{Name: "name", Description: "The role's name."},
	)
}

// Configure takes the provider's data.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = diagnostic.ProviderData(req.ProviderData, &resp.Diagnostics)
}

// server gives the server that a model names.
func (r *Resource) server(name string) (roles, error) {
	server, err := r.data.PostgreSQL.Get(name)
	if err != nil {
		return nil, err
	}
	return server, nil
}

// Create makes the role and its privileges in one transaction for each database.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State)
	var plan, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to create PostgreSQL role"
	ctx, cancel := timeouts.Limit(ctx, plan.Timeouts.Create, &resp.Diagnostics)
	defer cancel()
	server, err := r.server(plan.Server.ValueString())
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("server"), summary, err.Error())
		return
	}
	role := plan.toRole()
	password, err := plan.NewPassword(config.Attributes)
	if err != nil {
		resp.Diagnostics.AddError(summary, err.Error())
		return
	}
	observed, entry, dropped, err := r.createRecorded(ctx, server, role, password)
	defer entry.HandOver()
	if dropped {
		resp.Diagnostics.Append(diagnostic.LeftoverDropped(kind.Word, role.Name))
	}
	if err != nil {
		if diagnostic.IsPostgreSQLRoleExists(err) {
			resp.Diagnostics.Append(diagnostic.PostgreSQLRoleExists(summary, TypeName, plan.Server.ValueString(), role.Name))
			return
		}
		resp.Diagnostics.Append(diagnostic.PostgreSQL(summary, plan.Server.ValueString(), err))
		return
	}
	made := passwordschema.Record{
		SetAt: r.data.Clock(), Own: config.BringsPassword(),
		Fingerprint: fingerprint.New(observed.PasswordDigest(plan.Username.ValueString())),
	}
	plan.settle(observed)
	plan.RememberPassword(made)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(made.Save(ctx, resp.Private)...)
	resp.Diagnostics.Append(rotationschema.SaveDecisionTime(ctx, resp.Private, made.SetAt)...)
	if !plan.Rotation.IsNull() {
		resp.Diagnostics.Append(r.replacement(plan).ExplainApply(plan.credentialName())...)
	}
}

// Read looks at the role on the server. One that is gone leaves the state.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State, req.State)
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if state.Server.IsNull() {
		return // It was moved here, and the apply will say which server it is on.
	}
	const summary = "Unable to read PostgreSQL role"
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
	role := state.toRole()
	observed, err := server.ReadRole(ctx, role)
	if errors.Is(err, postgresql.ErrRoleNotFound) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnostic.PostgreSQL(summary, state.Server.ValueString(), err))
		return
	}
	r.forgetSaved(server, role.Name)
	now := r.data.Clock()
	// The server does not say how old a password is: after an import, its age counts from here.
	remembered, known, diagnostics := state.PasswordRecord(ctx, req.Private, now)
	resp.Diagnostics.Append(diagnostics...)
	isImported := state.Grants.IsNull()
	state.fromObserved(observed, role)
	if isImported {
		state.FollowImport(postgresql.Logins(role.Name))
	}
	digest := observed.PasswordDigest(state.LastLogin())
	isNews := remembered.Look(digest)
	if digest == "" && state.Username.IsNull() && known { // A drop that was killed takes the password first.
		isNews = remembered.Lose() || isNews
	}
	if isNews || !known {
		resp.Diagnostics.Append(remembered.Save(ctx, resp.Private)...)
	}
	state.RememberPassword(remembered)
	r.replacement(state).Refreshed(state.credentialName())
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(saveUncovered(ctx, req.Private, resp.Private, observed.Uncovered(role))...)
	resp.Diagnostics.Append(rotationschema.RefreshDecisionTime(
		ctx, req.Private, resp.Private, state.Facts(remembered), rotationschema.Policy(state.Rotation), now)...)
}

// Update brings the role to what is planned, a new name included.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State, req.State)
	var plan, state, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to update PostgreSQL role"
	ctx, cancel := timeouts.Limit(ctx, plan.Timeouts.Update, &resp.Diagnostics)
	defer cancel()
	server, err := r.server(plan.Server.ValueString())
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("server"), summary, err.Error())
		return
	}
	role := plan.toRole()
	now := r.data.Clock()
	password, err := plan.PasswordToSet(config.Attributes, state.Attributes)
	if err != nil {
		resp.Diagnostics.AddError(summary, err.Error())
		return
	}
	digest, err := server.UpdateRole(ctx, state.Name.ValueString(), role, password)
	if err != nil {
		resp.Diagnostics.Append(diagnostic.PostgreSQL(summary, plan.Server.ValueString(), err))
		return
	}
	plan.SettlePrevious(state.Login, now)
	plan.settle(nil)
	made := passwordschema.Record{SetAt: now, Own: config.BringsPassword(), Fingerprint: fingerprint.New(digest)}
	isNews := plan.PasswordSetAt.IsUnknown()
	if isNews {
		plan.RememberPassword(made)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	if password.IsEmpty() { // A moved role may keep what it has.
		made.Own = !state.PasswordWOVersion.IsNull()
	}
	if isNews {
		resp.Diagnostics.Append(made.Save(ctx, resp.Private)...)
	}
	resp.Diagnostics.Append(rotationschema.SaveDecisionTime(ctx, resp.Private, now)...)
}

// Delete takes all privileges away and drops the role. One that is gone is no error.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to drop PostgreSQL role"
	ctx, cancel := timeouts.Limit(ctx, state.Timeouts.Delete, &resp.Diagnostics)
	defer cancel()
	if state.Server.IsNull() {
		resp.Diagnostics.AddAttributeError(path.Root("server"), summary, serverOfMovedMissing)
		return
	}
	server, err := r.server(state.Server.ValueString())
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("server"), summary, err.Error())
		return
	}
	if !state.Rotation.IsNull() {
		r.replacement(state).Ended(state.credentialName())
	}
	r.forgetSaved(server, state.Name.ValueString()) // A destroy without a refresh never asked.
	err = server.DropRole(ctx, state.Name.ValueString(), state.TerminateSessions.ValueBool())
	if err != nil && !errors.Is(err, postgresql.ErrRoleNotFound) {
		resp.Diagnostics.Append(diagnostic.PostgreSQL(summary, state.Server.ValueString(), err))
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
			"%q is not server/name: write the name of a server in the provider's postgresql map, a slash, and the role's name, "+
				"such as \"default/hyperterse\".", req.ID)))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("server"), server)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), name)...)
}
