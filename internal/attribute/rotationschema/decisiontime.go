// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package rotationschema

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/rotation"
)

// decisionTimeKey is where the private state keeps the time that a plan decides by, as a JSON time.
//
// Terraform plans once more while it applies, maybe days later, and refuses to go on when that gives anything else. So a
// refresh tells the time, and every plan on top of the refreshed state decides by it, the one of the apply too.
const decisionTimeKey = "as_of"

// PrivateReader is the framework's private state of a resource, to read.
type PrivateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

// PrivateWriter is the framework's private state of a resource, to write.
type PrivateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// SaveDecisionTime tells the time, after a create or an update.
func SaveDecisionTime(ctx context.Context, private PrivateWriter, now time.Time) diag.Diagnostics {
	content, err := json.Marshal(now.UTC())
	if err != nil {
		return diag.Diagnostics{diagnostic.PrivateStateUnwritable("the time that rotation is judged by", err)}
	}
	return private.SetKey(ctx, decisionTimeKey, content)
}

// RefreshDecisionTime tells the time, at a refresh, where that matters: something is due by the state's own schedule, or was
// by the time that was told before. Otherwise the state stays as it is, and an apply without changes writes none.
func RefreshDecisionTime(
	ctx context.Context, before PrivateReader, private PrivateWriter, facts rotation.Facts, policy rotation.Policy, now time.Time,
) diag.Diagnostics {
	facts.Trigger = policy.Trigger
	isDue := func(at time.Time) bool {
		decision := rotation.Decide(at, facts, policy)
		return decision.Rotate || decision.EndPrevious
	}
	told, ok, diagnostics := readDecisionTime(ctx, before)
	if !ok || isDue(now) || isDue(told) {
		diagnostics.Append(SaveDecisionTime(ctx, private, now)...)
	}
	return diagnostics
}

// DecisionTime gives the time that a plan decides by. A schedule that was just written is not what the refresh looked at:
// it is judged by now.
func DecisionTime(ctx context.Context, private PrivateReader, sameSchedule bool, now time.Time) (time.Time, diag.Diagnostics) {
	told, ok, diagnostics := readDecisionTime(ctx, private)
	if !ok || !sameSchedule {
		return now, diagnostics
	}
	return told, diagnostics
}

// readDecisionTime gives the time that was told; ok is false where none was.
func readDecisionTime(ctx context.Context, private PrivateReader) (at time.Time, ok bool, diagnostics diag.Diagnostics) {
	content, diagnostics := private.GetKey(ctx, decisionTimeKey)
	if len(content) == 0 || diagnostics.HasError() {
		return at, false, diagnostics
	}
	if err := json.Unmarshal(content, &at); err != nil {
		diagnostics.Append(diagnostic.PrivateStateUnreadable("the time that rotation is judged by", err))
		return at, false, diagnostics
	}
	return at, true, diagnostics
}
