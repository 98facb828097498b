// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package terminatesessions has the actions terrascale_postgresql_terminate_sessions and terrascale_mysql_terminate_sessions.
package terminatesessions

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/collections"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mysql"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// The actions' full type names.
const (
	PostgreSQLTypeName = "terrascale_postgresql_terminate_sessions"
	MySQLTypeName      = "terrascale_mysql_terminate_sessions"
)

// server ends sessions of a user, of one with two logins those of both, and gives how many there were of each login.
type server interface {
	EndSessions(ctx context.Context, name string) (map[string]int, error)
}

// kind is what differs from one kind of server to another.
type kind struct {
	typeName, attribute, word, summary string
	server                             func(data *providerdata.Data, name string) (server, error)
	failure                            func(summary, server string, err error) diag.Diagnostic
}

var _ action.ActionWithConfigure = (*Action)(nil)

// Action is an action that ends sessions.
type Action struct {
	kind kind
	data *providerdata.Data
}

// NewPostgreSQL makes the action for PostgreSQL.
func NewPostgreSQL() action.Action {
	return &Action{kind: kind{
		PostgreSQLTypeName, "postgresql", "PostgreSQL", "Unable to end PostgreSQL sessions",
		func(data *providerdata.Data, name string) (server, error) { return get(data.PostgreSQL, name) }, diagnostic.PostgreSQL,
	}}
}

// NewMySQL makes the action for MySQL and MariaDB.
func NewMySQL() action.Action {
	return &Action{kind: kind{
		MySQLTypeName, "mysql", "MySQL", "Unable to end MySQL sessions",
		func(data *providerdata.Data, name string) (server, error) { return get(data.MySQL, name) }, diagnostic.MySQL,
	}}
}

func get[S interface {
	*postgresql.Server | *mysql.Server
	server
}](servers providerdata.Servers[S], name string) (server, error) {
	found, err := servers.Get(name)
	if err != nil {
		return nil, err
	}
	return found, nil
}

type model struct {
	Server    types.String `tfsdk:"server"`
	Usernames types.Set    `tfsdk:"usernames"`
}

// Metadata names the action.
func (a *Action) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = a.kind.typeName
}

// Schema describes the action.
func (a *Action) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: fmt.Sprintf("Ends the sessions that users of a %s server have open, and returns when they are gone. It locks nobody out: whoever "+
			"knows a password can connect again.", a.kind.word),
		Attributes: map[string]schema.Attribute{
			"server": schema.StringAttribute{
				MarkdownDescription: fmt.Sprintf("A name in the provider's `%s` map. Default `default`.", a.kind.attribute), Optional: true,
			},
			"usernames": schema.SetAttribute{
				MarkdownDescription: "Whose sessions end. The name of a user with rotation stands for both of its logins.",
				Required:            true, ElementType: types.StringType,
				Validators: []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))},
			},
		},
	}
}

// Configure takes the provider's data.
func (a *Action) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.data = diagnostic.ProviderData(req.ProviderData, &resp.Diagnostics)
}

// Invoke ends the sessions of each user. What fails for one does not keep those of the others open.
func (a *Action) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	name := "default"
	if !config.Server.IsNull() {
		name = config.Server.ValueString()
	}
	summary := a.kind.summary
	server, err := a.kind.server(a.data, name)
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("server"), summary, err.Error())
		return
	}
	usernames := collections.Texts(config.Usernames)
	slices.Sort(usernames)
	for _, username := range usernames {
		resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf("Looking for sessions of %s on server %s.", username, name)})
		ended, err := server.EndSessions(ctx, username)
		for _, login := range slices.Sorted(maps.Keys(ended)) {
			resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf("Sessions of %s that were told to end: %d.", login, ended[login])})
		}
		switch {
		case err != nil:
			resp.Diagnostics.Append(a.kind.failure(summary, name, err))
		case len(ended) == 0:
			resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf("There are no sessions of %s.", username)})
		default:
			resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf("Those sessions of %s are gone.", username)})
		}
	}
}
