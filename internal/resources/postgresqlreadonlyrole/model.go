// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole

import (
	"context"
	"crypto/rand"
	"math/big"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// model is the resource in HCL's terms.
type model struct {
	Server                          types.String         `tfsdk:"server"`
	Name                            types.String         `tfsdk:"name"`
	Grants                          types.Set            `tfsdk:"grants"`
	FutureTablesOwnedBy             types.Set            `tfsdk:"future_tables_owned_by"`
	ConnectionLimit                 types.Int64          `tfsdk:"connection_limit"`
	StatementTimeout                customtypes.Duration `tfsdk:"statement_timeout"`
	IdleInTransactionSessionTimeout customtypes.Duration `tfsdk:"idle_in_transaction_session_timeout"`
	ValidUntil                      customtypes.Time     `tfsdk:"valid_until"`
	TerminateSessions               types.Bool           `tfsdk:"terminate_sessions"`
	PasswordWO                      types.String         `tfsdk:"password_wo"`
	PasswordWOVersion               types.Int64          `tfsdk:"password_wo_version"`
	Username                        types.String         `tfsdk:"username"`
	Password                        types.String         `tfsdk:"password"`
	PasswordVersion                 types.Int64          `tfsdk:"password_version"`
	ExcessPrivileges                types.List           `tfsdk:"excess_privileges"`
}

// grantModel is one grant.
type grantModel struct {
	Database types.String `tfsdk:"database"`
	Schema   types.String `tfsdk:"schema"`
	Tables   types.Set    `tfsdk:"tables"`
}

var grantType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"database": types.StringType,
	"schema":   types.StringType,
	"tables":   types.SetType{ElemType: types.StringType},
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
		role.Grants = append(role.Grants, converted)
	}
	diagnostics.Append(m.FutureTablesOwnedBy.ElementsAs(ctx, &role.FutureTablesOwnedBy, false)...)
	slices.Sort(role.FutureTablesOwnedBy)
	return role, diagnostics
}

// fromObserved takes over what the server has; known is the role as the state had it.
func (m *model) fromObserved(ctx context.Context, observed *postgresql.Observed, known postgresql.Role) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	grants, owners := observed.Effective(known.Grants, known.FutureTablesOwnedBy)
	m.Grants = grantSet(ctx, grants, &diagnostics)
	if !slices.Equal(owners, known.FutureTablesOwnedBy) {
		m.FutureTablesOwnedBy = textSet(ctx, owners, &diagnostics)
	}
	m.ConnectionLimit = types.Int64Null()
	if limit := observed.Attributes.ConnectionLimit; limit != postgresql.NoConnectionLimit {
		m.ConnectionLimit = types.Int64Value(int64(limit))
	}
	m.StatementTimeout = durationValue(observed.Attributes.StatementTimeout)
	m.IdleInTransactionSessionTimeout = durationValue(observed.Attributes.IdleInTransactionSessionTimeout)
	m.ValidUntil = customtypes.NewTimePointer(observed.Attributes.ValidUntil)
	m.Username = types.StringNull()
	if observed.CanLogin {
		m.Username = types.StringValue(observed.Name)
	}
	m.ExcessPrivileges = textList(observed.ExcessPrivileges())
	if m.TerminateSessions.IsNull() {
		m.TerminateSessions = types.BoolValue(true)
	}
	if m.PasswordVersion.IsNull() {
		m.PasswordVersion = types.Int64Value(1)
	}
	return diagnostics
}

// settle fills what a plan left to the apply. Without a look at the server, nothing beyond reading is assumed.
func (m *model) settle(observed *postgresql.Observed) {
	m.PasswordWO = types.StringNull()
	if observed != nil {
		m.ExcessPrivileges = textList(observed.ExcessPrivileges())
	} else if m.ExcessPrivileges.IsUnknown() {
		m.ExcessPrivileges = textList(nil)
	}
}

// usesOwnPassword reports whether the configuration brings the password. The version stands for it, since a plan never
// holds a write-only value.
func (m model) usesOwnPassword() bool { return !m.PasswordWOVersion.IsNull() }

// changesPassword reports whether the plan m sets another password than the state's.
func (m model) changesPassword(state model) bool {
	return !m.PasswordWOVersion.Equal(state.PasswordWOVersion)
}

// newPassword gives the password to set: the configuration's, or a generated one that the model keeps.
func (m *model) newPassword(config model) secret.String {
	if m.usesOwnPassword() {
		return secret.New(config.PasswordWO.ValueString())
	}
	password := generatePassword()
	m.Password = types.StringValue(password.Reveal())
	return password
}

const (
	passwordLength = 40
	// passwordAlphabet needs no escaping in any connection string.
	passwordAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
)

func generatePassword() secret.String {
	password := make([]byte, passwordLength)
	for i := range password {
		// rand.Int never fails: the package ends the program when the system gives no randomness.
		n, _ := rand.Int(rand.Reader, big.NewInt(int64(len(passwordAlphabet))))
		password[i] = passwordAlphabet[n.Int64()]
	}
	return secret.New(string(password))
}

func grantSet(ctx context.Context, grants []postgresql.Grant, diagnostics *diag.Diagnostics) types.Set {
	models := make([]grantModel, len(grants))
	for i, grant := range grants {
		models[i] = grantModel{
			Database: types.StringValue(grant.Database), Schema: types.StringValue(grant.Schema),
			Tables: types.SetNull(types.StringType),
		}
		if grant.Tables != nil {
			models[i].Tables = textSet(ctx, grant.Tables, diagnostics)
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
