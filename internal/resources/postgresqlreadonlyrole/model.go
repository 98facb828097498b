// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole

import (
	"context"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/loginschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
)

// model is the resource in HCL's terms.
type model struct {
	loginschema.Login
	Server                          types.String         `tfsdk:"server"`
	Grants                          types.Set            `tfsdk:"grants"`
	FutureTablesOwnedBy             types.Set            `tfsdk:"future_tables_owned_by"`
	ConnectionLimit                 types.Int64          `tfsdk:"connection_limit"`
	StatementTimeout                customtypes.Duration `tfsdk:"statement_timeout"`
	IdleInTransactionSessionTimeout customtypes.Duration `tfsdk:"idle_in_transaction_session_timeout"`
	ValidUntil                      customtypes.Time     `tfsdk:"valid_until"`
	TerminateSessions               types.Bool           `tfsdk:"terminate_sessions"`
	ExcessPrivileges                types.List           `tfsdk:"excess_privileges"`
}

// grantModel is one grant.
type grantModel struct {
	Database types.String `tfsdk:"database"`
	Schema   types.String `tfsdk:"schema"`
	Tables   types.Set    `tfsdk:"tables"`
	// Columns is a map of sets.
	Columns   types.Map  `tfsdk:"columns"`
	Sequences types.Bool `tfsdk:"sequences"`
}

var grantType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"database": types.StringType,
	"schema":   types.StringType,
	"tables":   types.SetType{ElemType: types.StringType},
	"columns":  types.MapType{ElemType: types.SetType{ElemType: types.StringType}},
	// Left out and false mean the same; the plan keeps what is written.
	"sequences": types.BoolType,
}}

// toRole gives the role as it is wanted. Every value is known. A null set of grants (an import) is none.
func (m model) toRole(ctx context.Context) (postgresql.Role, diag.Diagnostics) {
	var diagnostics diag.Diagnostics
	role := postgresql.Role{
		Name: m.Name.ValueString(),
		Attributes: postgresql.Attributes{
			ConnectionLimit:                 postgresql.NoConnectionLimit,
			ValidUntil:                      customtypes.ParseTime(m.ValidUntil),
			StatementTimeout:                customtypes.ParseDurationValue(m.StatementTimeout),
			IdleInTransactionSessionTimeout: customtypes.ParseDurationValue(m.IdleInTransactionSessionTimeout),
		},
		Login:             m.Username.ValueString(),
		Previous:          m.PreviousUsername(),
		TerminateSessions: m.TerminateSessions.ValueBool(),
	}
	if !m.ConnectionLimit.IsNull() {
		role.Attributes.ConnectionLimit = int(m.ConnectionLimit.ValueInt64())
	}
	var grants []grantModel
	diagnostics.Append(m.Grants.ElementsAs(ctx, &grants, false)...)
	for _, grant := range grants {
		converted := postgresql.Grant{Database: grant.Database.ValueString(), Schema: grant.Schema.ValueString()}
		diagnostics.Append(grant.Tables.ElementsAs(ctx, &converted.Tables, false)...)
		slices.Sort(converted.Tables)
		diagnostics.Append(grant.Columns.ElementsAs(ctx, &converted.Columns, false)...)
		for _, columns := range converted.Columns {
			slices.Sort(columns)
		}
		converted.Sequences = grant.Sequences.ValueBool()
		role.Grants = append(role.Grants, converted)
	}
	diagnostics.Append(m.FutureTablesOwnedBy.ElementsAs(ctx, &role.FutureTablesOwnedBy, false)...)
	slices.Sort(role.FutureTablesOwnedBy)
	return role, diagnostics
}

// fromObserved takes over what the server has; known is the role as the state had it.
func (m *model) fromObserved(ctx context.Context, observed *postgresql.Observed, known postgresql.Role) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	grants, owners := observed.Effective(known)
	m.Grants = grantSet(ctx, grants, m.writesFalse(ctx), &diagnostics)
	if !slices.Equal(owners, known.FutureTablesOwnedBy) {
		m.FutureTablesOwnedBy = textSet(ctx, owners, &diagnostics)
	}
	login := m.observedLogin(observed)
	m.ConnectionLimit = types.Int64Null()
	if limit := login.Attributes.ConnectionLimit; limit != postgresql.NoConnectionLimit {
		m.ConnectionLimit = types.Int64Value(int64(limit))
	}
	m.StatementTimeout = durationValue(login.Attributes.StatementTimeout)
	m.IdleInTransactionSessionTimeout = durationValue(login.Attributes.IdleInTransactionSessionTimeout)
	m.ValidUntil = customtypes.NewTimePointer(login.Attributes.ValidUntil)
	if !observed.Members[m.PreviousUsername()].CanLogin {
		m.Previous = loginschema.NoPrevious()
	}
	m.ExcessPrivileges = m.excess(observed)
	if m.TerminateSessions.IsNull() {
		m.TerminateSessions = types.BoolValue(true)
	}
	return diagnostics
}

// observedLogin gives who logs in, and takes over whether that is still so. After an import it is whoever can log in.
func (m *model) observedLogin(observed *postgresql.Observed) postgresql.Member {
	logins := postgresql.Logins(observed.Name)
	candidates := []string{m.Username.ValueString()}
	if m.Username.IsNull() {
		candidates = []string{logins[0], logins[1], observed.Name}
	}
	for _, name := range candidates {
		if member, ok := observed.Members[name]; ok && member.CanLogin {
			m.Username = types.StringValue(name)
			return member
		}
	}
	m.Username = types.StringNull()
	for _, name := range append(candidates, observed.Name) {
		if member, ok := observed.Members[name]; ok {
			return member
		}
	}
	return postgresql.Member{}
}

// excess lists what goes beyond reading, for whoever is to log in by the model.
func (m *model) excess(observed *postgresql.Observed) types.List {
	return textList(observed.ExcessPrivileges(m.Username.ValueString(), m.PreviousUsername()))
}

// settle fills what a plan left to the apply. Without a look at the server, nothing beyond reading is assumed.
func (m *model) settle(observed *postgresql.Observed) {
	m.ForgetPasswordWO()
	if observed != nil {
		m.ExcessPrivileges = m.excess(observed)
	} else if m.ExcessPrivileges.IsUnknown() {
		m.ExcessPrivileges = textList(nil)
	}
}

// writesFalse gives the schemas whose grants say sequences = false, which means no more than leaving it out.
func (m model) writesFalse(ctx context.Context) map[[2]string]bool {
	var grants []grantModel
	_ = m.Grants.ElementsAs(ctx, &grants, false) // What can't be read was reported by toRole.
	found := map[[2]string]bool{}
	for _, grant := range grants {
		if !grant.Sequences.IsNull() {
			found[[2]string{grant.Database.ValueString(), grant.Schema.ValueString()}] = true
		}
	}
	return found
}

func grantSet(
	ctx context.Context, grants []postgresql.Grant, writesFalse map[[2]string]bool, diagnostics *diag.Diagnostics,
) types.Set {
	models := make([]grantModel, len(grants))
	for i, grant := range grants {
		columns, diags := types.MapValueFrom(ctx, grantType.AttrTypes["columns"].(types.MapType).ElemType, grant.Columns)
		diagnostics.Append(diags...)
		models[i] = grantModel{
			Database: types.StringValue(grant.Database), Schema: types.StringValue(grant.Schema),
			Tables: types.SetNull(types.StringType), Columns: columns, Sequences: types.BoolNull(),
		}
		if grant.Tables != nil {
			// None at all is not the same as no list, which means all.
			models[i].Tables, diags = types.SetValueFrom(ctx, types.StringType, grant.Tables)
			diagnostics.Append(diags...)
		}
		if grant.Sequences || writesFalse[[2]string{grant.Database, grant.Schema}] {
			models[i].Sequences = types.BoolValue(grant.Sequences)
		}
	}
	set, diags := types.SetValueFrom(ctx, grantType, models)
	diagnostics.Append(diags...)
	return set
}

// textSet gives null for none.
func textSet(ctx context.Context, texts []string, diagnostics *diag.Diagnostics) types.Set {
	if len(texts) == 0 {
		return types.SetNull(types.StringType)
	}
	set, diags := types.SetValueFrom(ctx, types.StringType, texts)
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

func durationValue(d time.Duration) customtypes.Duration {
	if d == 0 {
		return customtypes.Duration{}
	}
	return customtypes.NewDuration(customtypes.FormatDuration(d))
}
