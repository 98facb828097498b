// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package mysqlreadonlyuser is the resource terrascale_mysql_readonly_user.
package mysqlreadonlyuser

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
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mysql"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret/fingerprint"
)

// TypeName is the resource's full type name.
const TypeName = "terrascale_mysql_readonly_user"

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
	CheckWritable(ctx context.Context) error
	CreateUser(ctx context.Context, user mysql.User, password secret.String) (*mysql.Observed, error)
	ReadUser(ctx context.Context, known mysql.User) (*mysql.Observed, error)
	UpdateUser(ctx context.Context, known, want mysql.User, password secret.String) (digest string, err error)
	DropUser(ctx context.Context, user mysql.User) error
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
		identity.Attribute{Name: "server", Description: "A name in the provider's `mysql` map. Default `default`.", Optional: true},
		identity.Attribute{Name: "name", Description: "The user's name."},
		identity.Attribute{Name: "host", Description: "Where the user logs in from. Default `%`.", Optional: true},
	)
}

// Configure takes the provider's data.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = diagnostic.ProviderData(req.ProviderData, &resp.Diagnostics)
}

// server gives the server that a model names.
func (r *Resource) server(name string) (users, error) {
	server, err := r.data.MySQL.Get(name)
	if err != nil {
		return nil, err
	}
	return server, nil
}

// Create makes the user, locked until it has all that it is to have.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State)
	var plan, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to create MySQL user"
	ctx, cancel := timeouts.Limit(ctx, plan.Timeouts.Create, &resp.Diagnostics)
	defer cancel()
	server, err := r.server(plan.Server.ValueString())
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("server"), summary, err.Error())
		return
	}
	user, diagnostics := plan.toUser()
	resp.Diagnostics.Append(diagnostics...)
	password, err := plan.NewPassword(config.Attributes)
	if err != nil {
		resp.Diagnostics.AddError(summary, err.Error())
	}
	if resp.Diagnostics.HasError() {
		return
	}
	observed, entry, dropped, err := r.createRecorded(ctx, server, user, password)
	defer entry.HandOver()
	if dropped {
		resp.Diagnostics.Append(diagnostic.LeftoverDropped(kind.Word, user.Login))
	}
	if errors.Is(err, mysql.ErrUserExists) {
		resp.Diagnostics.Append(diagnostic.MySQLUserExists(summary, TypeName, plan.Server.ValueString(), plan.importID(), err))
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnostic.MySQL(summary, plan.Server.ValueString(), err))
		return
	}
	made := passwordschema.Record{
		SetAt: r.data.Clock(), Own: config.BringsPassword(), Fingerprint: fingerprint.New(observed.PasswordDigest(user.Login)),
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

// Read looks at the user on the server. One that is gone leaves the state.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State, req.State)
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to read MySQL user"
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
	user, diagnostics := state.toUser()
	resp.Diagnostics.Append(diagnostics...)
	if resp.Diagnostics.HasError() {
		return
	}
	observed, err := server.ReadUser(ctx, user)
	if errors.Is(err, mysql.ErrUserNotFound) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnostic.MySQL(summary, state.Server.ValueString(), err))
		return
	}
	r.forgetSaved(server, user)
	now := r.data.Clock()
	// The server's own time of the last change is not trusted: after an import, a password's age counts from here.
	remembered, known, diagnostics := state.PasswordRecord(ctx, req.Private, now)
	resp.Diagnostics.Append(diagnostics...)
	isImported := state.Grants.IsNull()
	state.fromObserved(observed)
	if isImported {
		state.FollowImport(mysql.Logins(user.Name))
	}
	if remembered.Look(observed.PasswordDigest(state.LastLogin())) || !known {
		resp.Diagnostics.Append(remembered.Save(ctx, resp.Private)...)
	}
	state.RememberPassword(remembered)
	r.replacement(state).Refreshed(state.credentialName())
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(rotationschema.RefreshDecisionTime(
		ctx, req.Private, resp.Private, state.Facts(remembered), rotationschema.Policy(state.Rotation), now)...)
}

// Update brings the user to what is planned, another name and host included.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State, req.State)
	var plan, state, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to update MySQL user"
	ctx, cancel := timeouts.Limit(ctx, plan.Timeouts.Update, &resp.Diagnostics)
	defer cancel()
	server, err := r.server(plan.Server.ValueString())
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("server"), summary, err.Error())
		return
	}
	user, diagnostics := plan.toUser()
	resp.Diagnostics.Append(diagnostics...)
	known, diagnostics := state.toUser()
	resp.Diagnostics.Append(diagnostics...)
	if resp.Diagnostics.HasError() {
		return
	}
	now := r.data.Clock()
	password, err := plan.PasswordToSet(config.Attributes, state.Attributes)
	if err != nil {
		resp.Diagnostics.AddError(summary, err.Error())
		return
	}
	digest, entry, err := r.updateRecorded(ctx, server, known, user, password)
	defer entry.HandOver()
	if errors.Is(err, mysql.ErrUserExists) {
		resp.Diagnostics.Append(diagnostic.MySQLUserExists(summary, TypeName, plan.Server.ValueString(), plan.importID(), err))
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnostic.MySQL(summary, plan.Server.ValueString(), err))
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
	if isNews {
		resp.Diagnostics.Append(made.Save(ctx, resp.Private)...)
	}
	resp.Diagnostics.Append(rotationschema.SaveDecisionTime(ctx, resp.Private, now)...)
}

// Delete ends the user's sessions and drops it, with all of its logins. One that is gone is no error.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to drop MySQL user"
	ctx, cancel := timeouts.Limit(ctx, state.Timeouts.Delete, &resp.Diagnostics)
	defer cancel()
	server, err := r.server(state.Server.ValueString())
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("server"), summary, err.Error())
		return
	}
	user, diagnostics := state.toUser()
	resp.Diagnostics.Append(diagnostics...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !state.Rotation.IsNull() {
		r.replacement(state).Ended(state.credentialName())
	}
	r.forgetSaved(server, user) // A destroy without a refresh never asked.
	if err := server.DropUser(ctx, user); err != nil && !errors.Is(err, mysql.ErrUserNotFound) {
		resp.Diagnostics.Append(diagnostic.MySQL(summary, state.Server.ValueString(), err))
	}
}

// importID is what imports the user of a model.
func (m model) importID() string {
	return m.Server.ValueString() + "/" + m.Name.ValueString() + "@" + m.Host.ValueString()
}

// ImportState takes server/name@host. A name may hold both signs: the server's ends at the first slash, and the host begins
// behind the last at sign.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State)
	server, account, found := strings.Cut(req.ID, "/")
	if written := identity.Written(req.Identity); req.ID == "" {
		server, account, found = cmp.Or(written["server"], "default"), written["name"]+"@"+cmp.Or(written["host"], mysql.AnyHost), true
	}
	at := strings.LastIndex(account, "@")
	if !found || server == "" || at <= 0 || at == len(account)-1 {
		resp.Diagnostics.Append(diagnostic.InvalidImportID(fmt.Sprintf(
			"%q is not server/name@host: write the name of a server in the provider's mysql map, a slash, and the user's name and host, "+
				"such as \"default/hyperterse@%%\" or \"default/hyperterse@10.0.0.0/8\".", req.ID)))
		return
	}
	host := writtenHost(account[at+1:])
	if _, err := serverHost(host); err != nil {
		resp.Diagnostics.Append(diagnostic.InvalidImportID(fmt.Sprintf("In %q, %s.", req.ID, err)))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("server"), server)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), account[:at])...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("host"), host)...)
}
