// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysqlreadonlyuser

import (
	"strings"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/mysql"
	"github.com/terrascale/terraform-provider-terrascale/internal/passwordschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/rotation"
	"github.com/terrascale/terraform-provider-terrascale/internal/rotationschema"
)

// change is what becomes of a user's logins.
type change struct {
	decision rotation.Decision
	policy   rotation.Policy
	// current is who logs in now and login who will, both under the user's new name.
	current, login string
	// inPlace says why the one login of a user without rotation gets another password; empty when it does not.
	inPlace []string
	// encrypt is set when a password that the state holds in clear is to be kept as ciphertext.
	encrypt bool

	from, to string
}

func (c change) newPassword() bool { return c.decision.Rotate || len(c.inPlace) > 0 }

// renamed gives a login's name under the user's new name.
func (c change) renamed(login string) string { return c.to + strings.TrimPrefix(login, c.from) }

// changeFrom compares the plan m with the state.
func (m model) changeFrom(config, state model, remembered passwordschema.Record, now time.Time) change {
	c := change{from: state.Name.ValueString(), to: m.Name.ValueString()}
	c.current = c.renamed(state.Username.ValueString())
	if state.Username.IsNull() {
		c.current = c.to
	}
	wasRotated := c.current != c.to || state.Username.IsNull() && state.isRotated()
	causes := m.causes(config, state, remembered)
	c.encrypt = m.passwordOf(config).Encrypts(state.kept())

	facts := state.facts(remembered)
	c.policy, facts.Trigger = rotationschema.Triggers(m.Rotation, state.Rotation)
	switch {
	case m.isRotated() && !wasRotated:
		causes = append(causes, "rotation is turned on")
	case !m.isRotated() && wasRotated:
		causes = append(causes, "rotation is turned off")
		c.policy.Overlap = customtypes.ParseDurationValue(stateOverlap(state))
	case !m.isRotated():
		// Without rotation the one login keeps its name, and another password takes the place of the old one at once.
		c.inPlace, causes = causes, nil
	}
	if !m.isRotated() {
		facts.Current.Condition = rotation.Working // Without rotation, a login that was disabled is enabled again.
	}
	facts.Causes = causes
	c.decision = rotation.Decide(now, facts, c.policy)
	c.login = c.current
	switch {
	case !m.isRotated():
		c.login = c.to
	case c.decision.Rotate:
		c.login = mysql.NextLogin(c.to, c.current)
	}
	return c
}

// facts are how things stand by a state.
func (m model) facts(remembered passwordschema.Record) rotation.Facts {
	facts := rotation.Facts{
		Current:        rotation.Credential{CreatedAt: remembered.SetAt},
		PreviousEndsAt: rotationschema.PreviousEnd(m.Previous, disableAt),
	}
	if m.Username.IsNull() {
		facts.Current.Condition = rotation.Revoked
	}
	return facts
}

func stateOverlap(state model) customtypes.Duration {
	old, _ := rotationschema.FromObject(state.Rotation)
	return old.Overlap
}

// changedOutside is a cause: the server keeps something else than what was set.
const changedOutside = "its password was changed outside of Terraform"

// causes says why another password is called for, beyond what a schedule says.
func (m model) causes(config, state model, remembered passwordschema.Record) []string {
	var causes []string
	if remembered.Changed {
		causes = append(causes, changedOutside)
	}
	return append(causes, m.passwordOf(config).Causes(state.passwordOf(state), state.kept(), remembered.Own)...)
}
