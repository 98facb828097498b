// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysqlreadonlyuser

import (
	"cmp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/collections"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/loginschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/timeouts"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mysql"
)

// model is the resource in HCL's terms.
type model struct {
	loginschema.Login
	Server             types.String   `tfsdk:"server"`
	Host               types.String   `tfsdk:"host"`
	Grants             types.Map      `tfsdk:"grants"`
	RequireTLS         types.Bool     `tfsdk:"require_tls"`
	MaxUserConnections types.Int64    `tfsdk:"max_user_connections"`
	TerminateSessions  types.Bool     `tfsdk:"terminate_sessions"`
	ExcessPrivileges   types.List     `tfsdk:"excess_privileges"`
	PolicyExceptions   types.Map      `tfsdk:"policy_exceptions"`
	Timeouts           timeouts.Value `tfsdk:"timeouts"`
}

const tablesName = "tables"

var grantType = types.ObjectType{AttrTypes: map[string]attr.Type{
	tablesName: types.SetType{ElemType: types.StringType},
}}

// toUser gives the user as it is wanted. Every value is known. A null map of grants (an import) is none.
func (m model) toUser() (mysql.User, diag.Diagnostics) {
	var diagnostics diag.Diagnostics
	kept, err := serverHost(m.Host.ValueString())
	if err != nil {
		diagnostics.AddAttributeError(path.Root("host"), invalidHost, err.Error()+".")
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
	for database, tables := range m.grants() {
		grant := mysql.DatabaseGrant{Database: database}
		if !tables.IsNull() {
			grant.Tables = collections.Texts(tables)
			slices.Sort(grant.Tables)
		}
		user.Grants = append(user.Grants, grant)
	}
	slices.SortFunc(user.Grants, func(a, b mysql.DatabaseGrant) int { return cmp.Compare(a.Database, b.Database) })
	return user, diagnostics
}

// grants gives the tables that are granted, by database.
func (m model) grants() map[string]types.Set {
	elements := m.Grants.Elements()
	grants := make(map[string]types.Set, len(elements))
	for database, element := range elements {
		tables := types.SetUnknown(types.StringType)
		if object, ok := element.(types.Object); ok && !object.IsUnknown() {
			tables, _ = object.Attributes()[tablesName].(types.Set)
		}
		grants[database] = tables
	}
	return grants
}

// fromObserved takes over what the server has.
func (m *model) fromObserved(observed *mysql.Observed) {
	m.Username = types.StringNull()
	if login := observed.Login(); login != "" {
		m.Username = types.StringValue(login)
	}
	m.Grants = grantsValue(observed.Grants())
	m.RequireTLS = types.BoolPointerValue(observed.RequiresTLS())
	m.MaxUserConnections = types.Int64Null()
	if limit := observed.MaxUserConnections(); limit != 0 {
		m.MaxUserConnections = types.Int64Value(int64(limit))
	}
	if !observed.CanLogin(m.PreviousUsername()) {
		m.Previous = loginschema.NoPrevious()
	}
	m.ExcessPrivileges = collections.TextList(observed.Excess())
	if m.TerminateSessions.IsNull() {
		m.TerminateSessions = types.BoolValue(true)
	}
}

// settle fills what a plan left to the apply. Without a look at the server, nothing beyond reading is assumed.
func (m *model) settle(observed *mysql.Observed) {
	m.ForgetPasswordWO()
	if observed != nil {
		m.ExcessPrivileges = collections.TextList(observed.Excess())
	} else if m.ExcessPrivileges.IsUnknown() {
		m.ExcessPrivileges = collections.TextList(nil)
	}
}

func grantsValue(grants []mysql.DatabaseGrant) types.Map {
	elements := make(map[string]attr.Value, len(grants))
	for _, grant := range grants {
		elements[grant.Database] = types.ObjectValueMust(grantType.AttrTypes, map[string]attr.Value{
			tablesName: collections.TextSet(grant.Tables),
		})
	}
	return types.MapValueMust(grantType, elements)
}
