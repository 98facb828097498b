// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysqlreadonlyuser

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/loginschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mysql"
)

// model is the resource in HCL's terms.
type model struct {
	loginschema.Login
	Server             types.String `tfsdk:"server"`
	Host               types.String `tfsdk:"host"`
	Grants             types.Set    `tfsdk:"grants"`
	RequireTLS         types.Bool   `tfsdk:"require_tls"`
	MaxUserConnections types.Int64  `tfsdk:"max_user_connections"`
	TerminateSessions  types.Bool   `tfsdk:"terminate_sessions"`
	ExcessPrivileges   types.List   `tfsdk:"excess_privileges"`
}

// grantModel is one grant.
type grantModel struct {
	Database types.String `tfsdk:"database"`
	Tables   types.Set    `tfsdk:"tables"`
}

var grantType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"database": types.StringType,
	"tables":   types.SetType{ElemType: types.StringType},
}}

// toUser gives the user as it is wanted. Every value is known. A null set of grants (an import) is none.
func (m model) toUser(ctx context.Context) (mysql.User, diag.Diagnostics) {
	var diagnostics diag.Diagnostics
	kept, err := serverHost(m.Host.ValueString())
	if err != nil {
		diagnostics.AddAttributeError(path.Root("host"), "Invalid host", err.Error()+".")
	}
	user := mysql.User{
		Name: m.Name.ValueString(), Host: kept,
		RequireTLS:         m.RequireTLS.ValueBool(),
		MaxUserConnections: int(m.MaxUserConnections.ValueInt64()),
		Rotated:            m.IsRotated(),
		Login:              m.Username.ValueString(),
		Previous:           m.PreviousUsername(),
		TerminateSessions:  m.TerminateSessions.ValueBool(),
	}
	var grants []grantModel
	diagnostics.Append(m.Grants.ElementsAs(ctx, &grants, false)...)
	for _, grant := range grants {
		converted := mysql.DatabaseGrant{Database: grant.Database.ValueString()}
		diagnostics.Append(grant.Tables.ElementsAs(ctx, &converted.Tables, false)...)
		slices.Sort(converted.Tables)
		user.Grants = append(user.Grants, converted)
	}
	return user, diagnostics
}

// fromObserved takes over what the server has.
func (m *model) fromObserved(ctx context.Context, observed *mysql.Observed) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	m.Username = types.StringNull()
	if login := observed.Login(); login != "" {
		m.Username = types.StringValue(login)
	}
	m.Grants = grantSet(ctx, observed.Grants(), &diagnostics)
	m.RequireTLS = types.BoolPointerValue(observed.RequiresTLS())
	m.MaxUserConnections = types.Int64Null()
	if limit := observed.MaxUserConnections(); limit != 0 {
		m.MaxUserConnections = types.Int64Value(int64(limit))
	}
	if !observed.CanLogin(m.PreviousUsername()) {
		m.Previous = loginschema.NoPrevious()
	}
	m.ExcessPrivileges = textList(observed.Excess())
	if m.TerminateSessions.IsNull() {
		m.TerminateSessions = types.BoolValue(true)
	}
	return diagnostics
}

// settle fills what a plan left to the apply. Without a look at the server, nothing beyond reading is assumed.
func (m *model) settle(observed *mysql.Observed) {
	m.ForgetPasswordWO()
	if observed != nil {
		m.ExcessPrivileges = textList(observed.Excess())
	} else if m.ExcessPrivileges.IsUnknown() {
		m.ExcessPrivileges = textList(nil)
	}
}

func grantSet(ctx context.Context, grants []mysql.DatabaseGrant, diagnostics *diag.Diagnostics) types.Set {
	models := make([]grantModel, len(grants))
	for i, grant := range grants {
		models[i] = grantModel{Database: types.StringValue(grant.Database), Tables: types.SetNull(types.StringType)}
		if grant.Tables != nil {
			var diags diag.Diagnostics
			models[i].Tables, diags = types.SetValueFrom(ctx, types.StringType, grant.Tables)
			diagnostics.Append(diags...)
		}
	}
	set, diags := types.SetValueFrom(ctx, grantType, models)
	diagnostics.Append(diags...)
	return set
}

func textList(texts []string) types.List {
	values := make([]attr.Value, len(texts))
	for i, text := range texts {
		values[i] = types.StringValue(text)
	}
	return types.ListValueMust(types.StringType, values)
}

// texts gives a list's values; unknown and null give none.
func texts(list types.List) []string {
	values := make([]string, 0, len(list.Elements()))
	for _, element := range list.Elements() {
		if text, ok := element.(types.String); ok {
			values = append(values, text.ValueString())
		}
	}
	return values
}
