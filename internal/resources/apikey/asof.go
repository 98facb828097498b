// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terrascale/terraform-provider-terrascale/internal/rotation"
	"github.com/terrascale/terraform-provider-terrascale/internal/rotationschema"
)

// asOfKey is where the private state keeps the time that a plan decides by, as a JSON time.
//
// Terraform plans once more while it applies, maybe days later, and refuses to go on when that gives anything else. So a
// refresh tells the time, and every plan on top of the refreshed state decides by it, the one of the apply too.
const asOfKey = "as_of"

type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// readAsOf gives the time that was told; ok is false where none was.
func readAsOf(ctx context.Context, private privateReader) (at time.Time, ok bool, diagnostics diag.Diagnostics) {
	content, diagnostics := private.GetKey(ctx, asOfKey)
	if len(content) == 0 || diagnostics.HasError() {
		return at, false, diagnostics
	}
	if err := json.Unmarshal(content, &at); err != nil {
		diagnostics.AddError("Unable to read the private state", err.Error())
		return at, false, diagnostics
	}
	return at, true, diagnostics
}

// saveAsOf tells the time.
func saveAsOf(ctx context.Context, private privateWriter, now time.Time) diag.Diagnostics {
	content, err := json.Marshal(now.UTC())
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unable to save the private state", err.Error())}
	}
	return private.SetKey(ctx, asOfKey, content)
}

// refreshAsOf tells the time where that matters: something is due, or was by the time that was told before. Otherwise the
// state stays as it is, and an apply without changes writes none.
func (m model) refreshAsOf(ctx context.Context, before privateReader, private privateWriter, now time.Time) diag.Diagnostics {
	told, ok, diagnostics := readAsOf(ctx, before)
	if !ok || m.isDue(now) || m.isDue(told) {
		diagnostics.Append(saveAsOf(ctx, private, now)...)
	}
	return diagnostics
}

// isDue reports whether the state's own schedule asks for anything at a time.
func (m model) isDue(at time.Time) bool {
	facts, policy := m.facts(), rotationschema.Policy(m.Rotation)
	facts.Trigger = policy.Trigger
	decision := rotation.Decide(at, facts, policy)
	return decision.Rotate || decision.EndPrevious
}

// decisionTime gives the time that a plan decides by. A schedule that was just written is not what the refresh looked at.
func decisionTime(ctx context.Context, private privateReader, config, state model, now time.Time) (time.Time, diag.Diagnostics) {
	told, ok, diagnostics := readAsOf(ctx, private)
	if !ok || !config.sameSchedule(state) {
		return now, diagnostics
	}
	return told, diagnostics
}
