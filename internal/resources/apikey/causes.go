// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
)

// causes says why the key of the state is not the one that the configuration m asks for. What is possible only may turn out
// to be no change when every value is known.
func (m model) causes(state model) (sure, possible []string) {
	switch {
	case m.Name.IsUnknown():
		possible = append(possible, "its name, known only at apply, may be another")
	case !m.Name.Equal(state.Name):
		sure = append(sure, fmt.Sprintf("its name becomes %q", m.Name.ValueString()))
	}
	switch {
	case !fullyKnown(m.Scopes):
		possible = append(possible, "its scopes, known only at apply, may be others")
	case !m.Scopes.Equal(state.Scopes):
		sure = append(sure, fmt.Sprintf("its scopes change from %s to %s", scopeList(state.Scopes), scopeList(m.Scopes)))
	}
	if m.ExpiresIn.IsUnknown() || m.ExpiresAt.IsUnknown() {
		possible = append(possible, "its expiry, known only at apply, may be another")
	} else if cause := m.causeInExpiry(state); cause != "" {
		sure = append(sure, cause)
	}
	switch readers := m.AgeRecipients; {
	case state.SecretEncrypted.IsNull():
	case !fullyKnown(readers):
		possible = append(possible, "age_recipients, known only at apply, may be others, and only its readers know the secret")
	case !readers.Equal(state.AgeRecipients):
		sure = append(sure, "age_recipients changes, and only its readers know the secret")
	}
	if !state.Rotation.IsNull() && m.hasUnknownTrigger() {
		possible = append(possible, "its trigger, known only at apply, may be another")
	}
	return sure, possible
}

func (m model) hasUnknownTrigger() bool {
	trigger := m.Rotation.Attributes()["trigger"]
	return m.Rotation.IsUnknown() || trigger != nil && trigger.IsUnknown()
}

// hasUnknownOverlap reports whether it is known only at apply how long an old key is to work.
func (m model) hasUnknownOverlap() bool {
	overlap := m.Rotation.Attributes()["overlap"]
	return m.Rotation.IsUnknown() || overlap != nil && overlap.IsUnknown()
}

// causeInExpiry compares the configured expiry, which is known, with the state's. An expires_in that says of an imported key
// what holds already is no cause.
func (m model) causeInExpiry(state model) string {
	switch {
	case !m.ExpiresIn.IsNull():
		if !state.ExpiresIn.IsNull() && m.ExpiresIn.Means(state.ExpiresIn) || m.livesAsConfigured(state) {
			return ""
		}
		return "it is to live for " + m.ExpiresIn.ValueString()
	case !m.ExpiresAt.IsNull():
		if sameExpiry(m.ExpiresAt, state.ExpiresAt) {
			return ""
		}
		return "it is to expire at " + m.ExpiresAt.ValueString()
	case !state.ExpiresAt.IsNull():
		return "it is to live without an expiry"
	default:
		return ""
	}
}

func (m model) livesAsConfigured(state model) bool {
	created, expires := customtypes.ParseTime(state.CreatedAt), customtypes.ParseTime(state.ExpiresAt)
	if !state.ExpiresIn.IsNull() || created == nil || expires == nil {
		return false
	}
	return (expires.Sub(*created) - customtypes.ParseDurationValue(m.ExpiresIn)).Abs() <= clockDifference
}

// sameSchedule reports whether the configuration and the state are due at the same times.
func (m model) sameSchedule(state model) bool {
	wanted, had := rotationschema.Policy(m.Rotation), rotationschema.Policy(state.Rotation)
	return wanted.Every == had.Every && wanted.BeforeExpiry == had.BeforeExpiry
}

func fullyKnown(set types.Set) bool {
	return !set.IsUnknown() && !slices.ContainsFunc(set.Elements(), attr.Value.IsUnknown)
}

// scopeTexts gives the scopes of a set that is fully known, sorted.
func scopeTexts(set types.Set) []string {
	texts := make([]string, 0, len(set.Elements()))
	for _, element := range set.Elements() {
		if scope, ok := element.(types.String); ok {
			texts = append(texts, scope.ValueString())
		}
	}
	slices.Sort(texts)
	return texts
}

func scopeList(set types.Set) string { return "[" + strings.Join(scopeTexts(set), ", ") + "]" }
