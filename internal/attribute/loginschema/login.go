// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package loginschema is who logs in to a database in HCL's terms: a name that is a login itself or, with rotation, has two
// logins that are active in turn, the password of the one in use, and the one before it (previous).
package loginschema

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/passwordschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/rotation"
)

// Login is the attributes of who logs in, for a resource's model to embed. SchemaAttributes describes all but the name.
type Login struct {
	Name     types.String `tfsdk:"name"`
	Rotation types.Object `tfsdk:"rotation"`
	// Username is whom to log in as now; null in a state when nobody can.
	Username types.String `tfsdk:"username"`
	Previous types.Object `tfsdk:"previous"`
	passwordschema.Attributes
}

// Kind is what differs from one resource to another.
type Kind struct {
	// Word is such as PostgreSQL role.
	Word string
	// Next gives the login to rotate to, of a name and from the login that is in use; that is empty for the first.
	Next func(name, current string) string
}

// The parts of the attribute previous.
const (
	disableAt = "disable_at"
	username  = "username"
)

var previousType = rotationschema.PreviousType(disableAt, username)

// NoPrevious is the attribute previous without a login.
func NoPrevious() types.Object { return types.ObjectNull(previousType.AttrTypes) }

// previousLogin gives the attribute previous; a nil time is one that is not known before the apply.
func previousLogin(name string, at *time.Time) types.Object {
	return rotationschema.Previous(previousType, disableAt, at, map[string]attr.Value{username: types.StringValue(name)})
}

// PreviousUsername gives the login before the last rotation, and nothing where none is alive.
func (l Login) PreviousUsername() string { return rotationschema.Text(l.Previous, username) }

// LastLogin is the login whose password is looked at: whoever logs in or, while nobody can, the one login without rotation. With rotation,
// one that can't log in any more is rotated anyway.
func (l Login) LastLogin() string {
	if l.Username.IsNull() && !l.IsRotated() {
		return l.Name.ValueString()
	}
	return l.Username.ValueString()
}

// IsRotated reports whether there are two logins, active in turn.
func (l Login) IsRotated() bool { return !l.Rotation.IsNull() }

// Validate refuses what can't be done of a configuration's password and rotation.
func (l Login) Validate() diag.Diagnostics {
	diagnostics := l.ValidatePassword(l.IsRotated())
	diagnostics.Append(rotationschema.Validate(l.Rotation, 0, true)...)
	return diagnostics
}

// Facts are how things stand by a state.
func (l Login) Facts(remembered passwordschema.Record) rotation.Facts {
	facts := rotation.Facts{
		Current:        rotation.Credential{CreatedAt: remembered.SetAt},
		PreviousEndsAt: rotationschema.PreviousEnd(l.Previous, disableAt),
	}
	if l.Username.IsNull() {
		facts.Current.Condition = rotation.Disabled
	}
	return facts
}

// PlanNew plans who will log in to what is to be made.
func (l *Login) PlanNew(config Login, kind Kind) {
	l.Previous = NoPrevious()
	if !l.isDecided() {
		l.Username = types.StringUnknown()
		l.LeaveFirstPassword()
		return
	}
	l.Username = l.Name
	if l.IsRotated() {
		l.Username = types.StringValue(kind.Next(l.Name.ValueString(), ""))
	}
	l.PlanFirstPassword(config.Attributes)
}

// AnswerOffer tells those who keep passwords whether a plan takes the one that the configuration brings. The state's are nil for a
// login that is to be made.
func (l Login) AnswerOffer(
	offers *providerdata.Offers, word string, config Login, state *passwordschema.Attributes,
) diag.Diagnostics {
	login := providerdata.Login{Subject: fmt.Sprintf("%s %q", word, l.Name.ValueString()), Username: l.Username.ValueString()}
	return l.Attributes.AnswerOffer(offers, login, config.Attributes, state)
}

// isDecided reports whether all is known that the logins depend on. Terraform plans again when it is.
func (l Login) isDecided() bool {
	return !l.Name.IsUnknown() && rotationschema.IsKnown(l.Rotation) && l.IsPasswordDecided()
}

// leave leaves to the apply who logs in, and with what.
func (l *Login) leave() {
	l.Username, l.Previous = types.StringUnknown(), types.ObjectUnknown(previousType.AttrTypes)
	l.LeavePassword()
}

// SettlePrevious fills in when the previous login ends: the overlap counts from the apply.
func (l *Login) SettlePrevious(state Login, now time.Time) {
	if l.Previous.IsNull() || rotationschema.PreviousEnd(l.Previous, disableAt) != nil {
		return
	}
	policy := rotationschema.Policy(l.Rotation)
	if !l.IsRotated() {
		policy = rotationschema.Policy(state.Rotation)
	}
	end := policy.PreviousEnd(now)
	l.Previous = previousLogin(l.PreviousUsername(), &end)
}

// importedTrigger is the trigger of a rotation whose policy nobody knows.
const importedTrigger = "imported"

// FollowImport says of an imported login that is one of two that there is a rotation. Its policy is not on the server: without a trigger, the
// configuration that is generated would end the rotation, and the login with it.
func (l *Login) FollowImport(logins [2]string) {
	if !l.Rotation.IsNull() || !slices.Contains(logins[:], l.Username.ValueString()) {
		return
	}
	values := map[string]attr.Value{}
	for name := range l.Rotation.AttributeTypes(context.Background()) {
		values[name] = customtypes.Duration{}
	}
	values["trigger"] = types.StringValue(importedTrigger)
	l.Rotation = types.ObjectValueMust(l.Rotation.AttributeTypes(context.Background()), values)
}
