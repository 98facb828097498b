// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole

import (
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/collections"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/loginschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/timeouts"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
)

// model is the resource in HCL's terms.
type model struct {
	loginschema.Login
	Server                          types.String         `tfsdk:"server"`
	Grants                          types.Map            `tfsdk:"grants"`
	FutureTablesOwnedBy             types.Set            `tfsdk:"future_tables_owned_by"`
	ConnectionLimit                 types.Int64          `tfsdk:"connection_limit"`
	StatementTimeout                customtypes.Duration `tfsdk:"statement_timeout"`
	IdleInTransactionSessionTimeout customtypes.Duration `tfsdk:"idle_in_transaction_session_timeout"`
	ValidUntil                      customtypes.Time     `tfsdk:"valid_until"`
	TerminateSessions               types.Bool           `tfsdk:"terminate_sessions"`
	ExcessPrivileges                types.List           `tfsdk:"excess_privileges"`
	PolicyExceptions                types.Map            `tfsdk:"policy_exceptions"`
	Timeouts                        timeouts.Value       `tfsdk:"timeouts"`
}

// toRole gives the role as it is wanted. Every value is known. A null map of grants (an import) is none.
func (m model) toRole() postgresql.Role {
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
	for _, grant := range m.grants() {
		role.Grants = append(role.Grants, grant.toGrant())
	}
	if !m.FutureTablesOwnedBy.IsNull() {
		role.FutureTablesOwnedBy = collections.Texts(m.FutureTablesOwnedBy)
		slices.Sort(role.FutureTablesOwnedBy)
	}
	return role
}

// fromObserved takes over what the server has; known is the role as the state had it.
func (m *model) fromObserved(observed *postgresql.Observed, known postgresql.Role) {
	grants, owners := observed.Effective(known)
	m.Grants = grantsValue(grants, m.grants())
	if !slices.Equal(owners, known.FutureTablesOwnedBy) {
		m.FutureTablesOwnedBy = types.SetNull(types.StringType)
		if len(owners) > 0 {
			m.FutureTablesOwnedBy = collections.TextSet(owners)
		}
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
	return collections.TextList(observed.ExcessPrivileges(m.Username.ValueString(), m.PreviousUsername()))
}

// settle fills what a plan left to the apply. Without a look at the server, nothing beyond reading is assumed.
func (m *model) settle(observed *postgresql.Observed) {
	m.ForgetPasswordWO()
	if observed != nil {
		m.ExcessPrivileges = m.excess(observed)
	} else if m.ExcessPrivileges.IsUnknown() {
		m.ExcessPrivileges = collections.TextList(nil)
	}
}

func durationValue(d time.Duration) customtypes.Duration {
	if d == 0 {
		return customtypes.Duration{}
	}
	return customtypes.NewDuration(customtypes.FormatDuration(d))
}
