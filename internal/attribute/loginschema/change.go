// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package loginschema

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/passwordschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/rotation"
)

// change is what becomes of a name's logins.
type change struct {
	decision rotation.Decision
	policy   rotation.Policy
	// current is who logs in now and login who will, both under the new name.
	current, login string
	// inPlace says why the one login without rotation gets another password; empty when it does not.
	inPlace []string

	from, to string
}

// changedOutside is a cause: the server keeps something else than what was set.
const changedOutside = "its password was changed outside of Terraform"

// PlanChange plans who will log in to what is there, and says what a reviewer should know of it. What depends on the time is
// decided by that of the refresh, which the private state tells. It reports replacesOutsiders where a password that was set
// outside of Terraform gives way without a rotation: that is for the resource to say, in its server's words.
func (l *Login) PlanChange(
	ctx context.Context, private rotationschema.PrivateReader, config, state Login, kind Kind, now time.Time,
) (replacesOutsiders bool, diagnostics diag.Diagnostics) {
	remembered, _, diagnostics := state.PasswordRecord(ctx, private, now)
	at, diags := rotationschema.DecisionTime(ctx, private, l.Rotation.Equal(state.Rotation), now)
	diagnostics.Append(diags...)
	c := l.changeFrom(config, state, remembered, kind, at)
	if l.isDecided() {
		l.plan(config, state, c)
	} else {
		c.decision = rotation.Decision{}
		l.leave()
	}
	diagnostics.Append(rotationschema.Explain(rotationschema.Subject{
		Kind: kind.Word, Name: c.to, Credential: "login", Previous: state.PreviousUsername(),
	}, c.decision, c.policy, now)...)
	return slices.Contains(c.inPlace, changedOutside), diagnostics
}

// changeFrom compares the plan l with the state.
func (l Login) changeFrom(config, state Login, remembered passwordschema.Record, kind Kind, now time.Time) change {
	c := change{from: state.Name.ValueString(), to: l.Name.ValueString()}
	c.current = c.renamed(state.Username.ValueString())
	if state.Username.IsNull() {
		c.current = c.to
	}
	wasRotated := c.current != c.to || state.Username.IsNull() && state.IsRotated()
	var causes []string
	if remembered.Changed {
		causes = append(causes, changedOutside)
	}
	causes = append(causes, l.PasswordCauses(config.Attributes, state.Attributes, remembered)...)

	facts := state.Facts(remembered)
	c.policy, facts.Trigger = rotationschema.Triggers(l.Rotation, state.Rotation)
	switch {
	case l.IsRotated() && !wasRotated:
		causes = append(causes, "rotation is turned on")
	case !l.IsRotated() && wasRotated:
		causes = append(causes, "rotation is turned off")
		c.policy.Overlap = rotationschema.Policy(state.Rotation).Overlap
	case !l.IsRotated():
		// Without rotation the one login keeps its name, and another password takes the place of the old one at once.
		c.inPlace, causes = causes, nil
	}
	if !l.IsRotated() {
		facts.Current.Condition = rotation.Working // Without rotation, a login that was disabled is enabled again.
	}
	facts.Causes = causes
	c.decision = rotation.Decide(now, facts, c.policy)
	c.login = c.current
	switch {
	case !l.IsRotated():
		c.login = c.to
	case c.decision.Rotate:
		c.login = kind.Next(c.to, c.current)
	}
	return c
}

// plan plans the attributes for a change.
func (l *Login) plan(config, state Login, c change) {
	l.Username = types.StringValue(c.login)
	l.Previous = c.previous(state)
	if c.decision.Rotate || len(c.inPlace) > 0 {
		l.PlanNextPassword(config.Attributes, state.Attributes)
	} else {
		l.PlanSamePassword(config.Attributes, state.Attributes)
	}
}

// previous gives the attribute as it is planned: its time is known once the rotation is applied.
func (c change) previous(state Login) types.Object {
	switch {
	case c.decision.Rotate && c.decision.KeepCurrent:
		return previousLogin(c.current, nil)
	case c.decision.Rotate || c.decision.EndPrevious || state.Previous.IsNull():
		return NoPrevious()
	default:
		return previousLogin(c.renamed(state.PreviousUsername()), rotationschema.PreviousEnd(state.Previous, disableAt))
	}
}

// renamed gives a login's name under the new name.
func (c change) renamed(login string) string { return c.to + strings.TrimPrefix(login, c.from) }
