// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/rotation"
)

// change is what a plan makes of a key and of the one before it.
type change struct {
	decision rotation.Decision
	policy   rotation.Policy
	// tentative is set when all that speaks for a rotation are values that are known only at apply.
	tentative bool
}

var conditions = map[string]rotation.Condition{
	string(terrascale.KeyActive):  rotation.Working,
	string(terrascale.KeyExpired): rotation.Expired,
	string(terrascale.KeyRevoked): rotation.Revoked,
	statusGone.ValueString():      rotation.Gone,
}

// facts are how things stand by a state.
func (m model) facts() rotation.Facts {
	facts := rotation.Facts{
		Current: rotation.Credential{
			ExpiresAt: customtypes.ParseTime(m.ExpiresAt), Condition: conditions[m.Status.ValueString()],
		},
		PreviousEndsAt: rotationschema.PreviousEnd(m.Previous, revokeAt),
	}
	if created := customtypes.ParseTime(m.CreatedAt); created != nil {
		facts.Current.CreatedAt = *created
	}
	return facts
}

// changeFrom compares the configuration m with the state at a time.
func (m model) changeFrom(state model, now time.Time) change {
	var c change
	sure, possible := m.causes(state)
	facts := state.facts()
	facts.Causes = append(sure, possible...)
	c.policy, facts.Trigger = rotationschema.Triggers(m.Rotation, state.Rotation)
	if m.keepsFixedExpiry(state) {
		c.policy.BeforeExpiry = 0 // A new key would expire at the same time.
	}
	if m.keepsFixedExpiry(state) && m.hasExpired(now) {
		// A new key would be dead: time, and what became of the old one, call for none.
		c.policy.Every, facts.Current = 0, rotation.Credential{CreatedAt: now}
	}
	c.decision = rotation.Decide(now, facts, c.policy)
	c.tentative = c.decision.Rotate && len(c.decision.Reasons) == len(possible)
	return c
}

// keepsFixedExpiry reports whether the configuration names the time at which the key of the state expires already.
func (m model) keepsFixedExpiry(state model) bool {
	return !m.ExpiresAt.IsNull() && !m.ExpiresAt.IsUnknown() && sameExpiry(m.ExpiresAt, state.ExpiresAt)
}

// previous gives the attribute as it is planned. Where it stays open whether there is a rotation, so does all of it.
func (c change) previous(state model) types.Object {
	switch {
	case c.tentative:
		return types.ObjectUnknown(previousType.AttrTypes)
	case c.decision.Rotate && c.decision.KeepCurrent:
		return state.asPrevious(nil)
	case c.decision.Rotate || c.decision.EndPrevious:
		return noPrevious
	default:
		return state.Previous
	}
}

// steps are what an apply does. They come from the plan alone, so that it is carried out as it was made, however much later.
type steps struct{ endPrevious, rotate, keepCurrent bool }

// stepsFrom reads the plan m.
func (m model) stepsFrom(config, state model) steps {
	planned := steps{rotate: m.KeyID.IsUnknown(), endPrevious: m.previousID() != state.previousID()}
	planned.keepCurrent = planned.rotate && !m.Previous.IsNull()
	if m.Previous.IsUnknown() {
		// What the plan left open is known by now, and no clock is needed to tell whether it is a change.
		sure, _ := config.causes(state)
		policy, trigger := rotationschema.Triggers(config.Rotation, state.Rotation)
		planned.rotate = len(sure) > 0 || policy.Trigger != trigger
		planned.keepCurrent = planned.rotate && policy.Overlap > 0 && conditions[state.Status.ValueString()] == rotation.Working
		planned.endPrevious = planned.rotate
	}
	planned.endPrevious = planned.endPrevious && state.previousID() != ""
	return planned
}
