// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/collections"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/loginschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/passwordschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/timeouts"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
)

var _ resource.ResourceWithMoveState = (*Resource)(nil)

// What is moved from: the type, of the provider of that namespace and name, in whichever registry.
const (
	movedType            = "postgresql_role"
	movedProviderSuffix  = "/cyrilgdn/postgresql"
	movedSchemaVersion   = 0
	excessReadWrite      = "read-write transactions by default"
	excessMembership     = "membership in "
	serverOfMovedMissing = "The role was moved here from " + movedType + ", and no apply has said yet which server it is on: apply it " +
		"once with server set, or take it out of Terraform with a removed block that says destroy = false."
)

// movedRole is what a state of postgresql_role holds and matters here. Empty texts stand for null.
type movedRole struct {
	Name                            string   `json:"name"`
	Login                           bool     `json:"login"`
	Password                        string   `json:"password"`
	PasswordWOVersion               string   `json:"password_wo_version"`
	ConnectionLimit                 int64    `json:"connection_limit"`
	StatementTimeout                int64    `json:"statement_timeout"`
	IdleInTransactionSessionTimeout int64    `json:"idle_in_transaction_session_timeout"`
	ValidUntil                      string   `json:"valid_until"`
	Superuser                       bool     `json:"superuser"`
	CreateRole                      bool     `json:"create_role"`
	CreateDatabase                  bool     `json:"create_database"`
	Replication                     bool     `json:"replication"`
	BypassRowLevelSecurity          bool     `json:"bypass_row_level_security"`
	Roles                           []string `json:"roles"`
}

// MoveState takes over a postgresql_role, for moved blocks. Its state does not say which server the role is on: that, and
// what it may read, come with the first apply.
func (r *Resource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: moveRole}}
}

func moveRole(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	if req.SourceTypeName != movedType || !strings.HasSuffix(req.SourceProviderAddress, movedProviderSuffix) {
		return // The framework says that nothing takes it over.
	}
	const summary = "Unable to move " + movedType
	if req.SourceSchemaVersion != movedSchemaVersion {
		resp.Diagnostics.AddError(summary, fmt.Sprintf("Its state has schema version %d, and the provider knows version %d. Import the role "+
			"instead, and remove the old resource from the state with a removed block.", req.SourceSchemaVersion, movedSchemaVersion))
		return
	}
	moved := movedRole{ConnectionLimit: postgresql.NoConnectionLimit}
	if err := json.Unmarshal(req.SourceRawState.JSON, &moved); err != nil || moved.Name == "" {
		// The decoder's own words may repeat parts of what it was given.
		resp.Diagnostics.AddError(summary, "Its state does not have the attributes that the provider knows. Import the role instead, "+
			"and remove the old resource from the state with a removed block.")
		return
	}
	resp.Diagnostics.Append(resp.TargetState.Set(ctx, moved.model(ctx))...)
}

// model gives the role as far as it is known. Nothing in it calls for another password.
func (r movedRole) model(ctx context.Context) model {
	m := model{
		Login: loginschema.Login{
			Name: types.StringValue(r.Name), Rotation: types.ObjectNull(rotationType()), Username: types.StringNull(),
			Previous: loginschema.NoPrevious(),
			Attributes: passwordschema.Attributes{
				PasswordWO: types.StringNull(), PasswordWOVersion: types.Int64Null(), AgeRecipients: types.SetNull(types.StringType),
				Password: types.StringNull(), PasswordEncrypted: types.StringNull(), PasswordVersion: types.Int64Value(1),
			},
		},
		Server: types.StringNull(),
		Grants: types.MapNull(grantType), FutureTablesOwnedBy: types.SetNull(types.StringType),
		ConnectionLimit: types.Int64Null(), TerminateSessions: types.BoolValue(true),
		StatementTimeout:                durationValue(time.Duration(r.StatementTimeout) * time.Millisecond),
		IdleInTransactionSessionTimeout: durationValue(time.Duration(r.IdleInTransactionSessionTimeout) * time.Millisecond),
		ValidUntil:                      customtypes.NewTimePointer(r.validUntil()),
		ExcessPrivileges:                collections.TextList(r.excess()),
		PolicyExceptions:                types.MapNull(types.StringType),
		Timeouts:                        timeouts.Null(ctx),
	}
	if r.Login {
		m.Username = m.Name
	}
	if r.ConnectionLimit != postgresql.NoConnectionLimit {
		m.ConnectionLimit = types.Int64Value(r.ConnectionLimit)
	}
	if r.Password != "" && !isVerifier(r.Password) {
		m.Password = types.StringValue(r.Password)
	}
	if version, err := strconv.ParseInt(r.PasswordWOVersion, 10, 64); err == nil {
		m.PasswordWOVersion = types.Int64Value(version)
	}
	return m
}

// rotationType is the type of the attribute rotation.
func rotationType() map[string]attr.Type {
	object, _ := rotationschema.Attribute("login", false).GetType().(types.ObjectType)
	return object.AttrTypes
}

// isVerifier reports whether a state holds what the server keeps of the password instead of the password.
func isVerifier(password string) bool {
	const md5Length = len("md5") + 32
	return strings.HasPrefix(password, "SCRAM-SHA-256$") || strings.HasPrefix(password, "md5") && len(password) == md5Length
}

// validUntil reads the time in the configuration's forms and the server's; nil for none, and for what the apply has to see to.
func (r movedRole) validUntil() *time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05Z07", "2006-01-02 15:04:05Z07:00"} {
		if at, err := time.Parse(layout, r.ValidUntil); err == nil {
			return &at
		}
	}
	return nil
}

// excess gives what goes beyond reading, in the words of excess_privileges, so that the first plan shows what the apply takes
// away.
func (r movedRole) excess() []string {
	texts := []string{}
	for _, attribute := range []struct {
		name string
		held bool
	}{
		{"BYPASSRLS", r.BypassRowLevelSecurity},
		{"CREATEDB", r.CreateDatabase},
		{"CREATEROLE", r.CreateRole},
		{"REPLICATION", r.Replication},
		{"SUPERUSER", r.Superuser},
	} {
		if attribute.held {
			texts = append(texts, attribute.name)
		}
	}
	for _, group := range r.Roles {
		texts = append(texts, excessMembership+group)
	}
	if r.Login {
		texts = append(texts, excessReadWrite)
	}
	return texts
}

// replaceOnAnotherServer makes the role anew on another server, but not when a moved role is told its server.
func replaceOnAnotherServer() planmodifier.String {
	const description = "A change makes the role anew on the other server."
	return stringplanmodifier.RequiresReplaceIf(
		func(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
			resp.RequiresReplace = !req.StateValue.IsNull()
		}, description, description)
}
