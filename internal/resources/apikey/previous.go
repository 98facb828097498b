// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

// The parts of the attribute previous.
const (
	keyID     = "key_id"
	keyPrefix = "key_prefix"
	revokeAt  = "revoke_at"
)

var (
	previousType = rotationschema.PreviousType(revokeAt, keyID, keyPrefix)
	noPrevious   = types.ObjectNull(previousType.AttrTypes)
)

// asPrevious gives the attribute previous for the key of a state. A nil time is one that is known once it is applied.
func (m model) asPrevious(at *time.Time) types.Object {
	return rotationschema.Previous(previousType, revokeAt, at, map[string]attr.Value{keyID: m.KeyID, keyPrefix: m.KeyPrefix})
}

// previousID gives the id of the previous key, and nothing where there is none.
func (m model) previousID() string { return rotationschema.Text(m.Previous, keyID) }

// forgetEndedPrevious takes a previous key that does not work any more at a time out of the model.
func (m *model) forgetEndedPrevious(listed []terrascale.APIKey, now time.Time) {
	previous, found := find(listed, m.previousID())
	if !found || previous.Status(now) != terrascale.KeyActive {
		m.Previous = noPrevious
	}
}
