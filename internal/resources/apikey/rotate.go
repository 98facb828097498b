// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/journal"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/rotation"
)

// makeKey makes the key that a configuration asks for, and the plan takes it over. Where one was made, the plan is to be saved,
// whatever else went wrong, and the entry handed over then; made is nil where none was. inUse are the ids of keys that the state knows.
func (r *Resource) makeKey(
	ctx context.Context, keys keys, config model, plan *model, summary string, inUse ...string,
) (made *terrascale.CreatedAPIKey, entry *journal.Entry, diagnostics diag.Diagnostics) {
	wanted, diagnostics := config.toNew(ctx, r.data.Clock())
	if config.hasExpired(r.data.Clock()) {
		diagnostics.Append(config.inThePast())
	}
	if err := plan.checkRecipients(); err != nil {
		diagnostics.AddAttributeError(path.Root("age_recipients"), summary, err.Error())
	}
	if diagnostics.HasError() {
		return nil, nil, diagnostics
	}
	diagnostics.Append(r.endLeftovers(ctx, keys, summary, wanted.Name, inUse...)...)
	if diagnostics.HasError() {
		return nil, nil, diagnostics
	}
	created, entry, err := r.createRecorded(ctx, keys, wanted)
	if err != nil {
		diagnostics.Append(notCreated(summary, wanted, err))
		return nil, nil, diagnostics
	}
	if err := plan.fromCreated(created); err != nil {
		diagnostics.AddAttributeError(path.Root("age_recipients"), "Unable to keep the new API key's secret", err.Error())
	}
	return &created, entry, diagnostics
}

// rotate makes a new key and saves it before it touches the old one. That one becomes the previous key; where it is not to
// stay, it is revoked at once, and what can't be revoked stays the previous key, which the next apply ends.
func (r *Resource) rotate(
	ctx context.Context, keys keys, config, state, plan model, keepCurrent bool, resp *resource.UpdateResponse,
) {
	made, entry, diagnostics := r.makeKey(
		ctx, keys, config, &plan, "Unable to rotate API key", state.KeyID.ValueString(), state.previousID())
	resp.Diagnostics.Append(diagnostics...)
	if made == nil {
		return
	}
	defer entry.HandOver()
	now := r.data.Clock().Truncate(time.Second)
	end := now
	if keepCurrent {
		end = rotationschema.Policy(config.Rotation).PreviousEnd(now)
	}
	plan.Previous = state.asPrevious(&end)
	if isEnded(state) {
		plan.Previous = noPrevious
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(rotationschema.SaveDecisionTime(ctx, resp.Private, now)...)

	if !keepCurrent && !plan.Previous.IsNull() {
		if err := revoke(ctx, keys, state.KeyID.ValueString()); err != nil {
			resp.Diagnostics.Append(diagnostic.APIWithAdvice("Unable to revoke the rotated API key", err, fmt.Sprintf(
				"The new key is in the state. The old key %s still works: the next apply tries again to revoke it.",
				state.KeyID.ValueString())))
		} else {
			plan.Previous = noPrevious
		}
	}
	resp.Diagnostics.Append(plan.readPrefix(ctx, keys, *made)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// isEnded reports whether the key of a state is beyond being revoked.
func isEnded(state model) bool {
	condition := conditions[state.Status.ValueString()]
	return condition == rotation.Revoked || condition == rotation.Gone
}

// notCreated is the error of a key that was not made, or perhaps was.
func notCreated(summary string, wanted terrascale.NewAPIKey, err error) diag.Diagnostic {
	lost, isLost := errors.AsType[*terrascale.LostKeyError](err)
	switch {
	case errors.Is(err, terrascale.ErrNothingLeft):
		return diagnostic.APIWithAdvice(summary, err,
			"The provider looked for a key that came of the call, and revoked what it found. Run this again when the service answers.")
	case isLost && len(lost.Candidates) > 0:
		return diagnostic.APIWithAdvice(summary, err,
			"Nothing else was changed. Revoke the one whose secret nobody knows (it was never used), then apply again.")
	case isLost:
		return diagnostic.APIWithAdvice(summary, err, fmt.Sprintf(
			"There may be a new key named %q whose secret nobody has. The next apply in this folder looks for it and revokes it. If the "+
				"next apply runs elsewhere, look for the key in the service's list and revoke it first.", wanted.Name))
	default:
		return diagnostic.API(summary, err)
	}
}
