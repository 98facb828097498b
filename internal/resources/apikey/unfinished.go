// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/terrascale"
)

// unfinished holds the ids of replaced keys that are still to be revoked. The resource's private state keeps them, so
// that no failure between a new key and the end of the old one is forgotten.
type unfinished []string

// unfinishedKey is where the private state has them, as a JSON array of strings.
const unfinishedKey = "unfinished_revocations"

type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func readUnfinished(ctx context.Context, private privateReader) (unfinished, diag.Diagnostics) {
	content, diagnostics := private.GetKey(ctx, unfinishedKey)
	if len(content) == 0 {
		return nil, diagnostics
	}
	var ids unfinished
	if err := json.Unmarshal(content, &ids); err != nil {
		diagnostics.AddError("Unreadable private state", fmt.Sprintf(
			"The list of replaced API keys that are still to be revoked does not parse: %s. The state was damaged, or written by a "+
				"later version of the provider.", err))
	}
	return ids, diagnostics
}

func (u unfinished) save(ctx context.Context, private privateWriter) diag.Diagnostics {
	if len(u) == 0 {
		return private.SetKey(ctx, unfinishedKey, nil)
	}
	content, err := json.Marshal(u)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unable to save the private state", err.Error())}
	}
	return private.SetKey(ctx, unfinishedKey, content)
}

// with adds the key of a state that is being replaced, unless it is dead already.
func (u unfinished) with(state model) unfinished {
	switch state.Status.ValueString() {
	case string(terrascale.KeyRevoked), statusGone.ValueString():
		return u
	}
	return append(slices.Clone(u), state.KeyID.ValueString())
}

// alive keeps those that the service lists as working at a time.
func (u unfinished) alive(listed []terrascale.APIKey, now time.Time) unfinished {
	return slices.DeleteFunc(slices.Clone(u), func(id string) bool {
		key, found := find(listed, id)
		return !found || key.Status(now) != terrascale.KeyActive
	})
}

// finish revokes them. It returns those that could not be, each with an error that names it.
func (u unfinished) finish(ctx context.Context, keys keys) (unfinished, diag.Diagnostics) {
	var remaining unfinished
	var diagnostics diag.Diagnostics
	for _, id := range u {
		if err := revoke(ctx, keys, id); err != nil {
			remaining = append(remaining, id)
			diagnostics.Append(diagnostic.APIWithAdvice("Unable to revoke the replaced API key", err, fmt.Sprintf(
				"The new key is in the state. The old key %s still works: the next apply tries again to revoke it.", id)))
		}
	}
	return remaining, diagnostics
}

// revoke takes a key that is gone for revoked.
func revoke(ctx context.Context, keys keys, keyID string) error {
	if err := keys.RevokeAPIKey(ctx, keyID); !errors.Is(err, terrascale.ErrNotFound) {
		return err
	}
	return nil
}

// notCreated is the error of a key that was not made, or perhaps was.
func notCreated(summary string, wanted terrascale.NewAPIKey, err error) diag.Diagnostic {
	if !errors.Is(err, terrascale.ErrAnswerLost) {
		return diagnostic.API(summary, err)
	}
	return diagnostic.APIWithAdvice(summary, err, fmt.Sprintf(
		"There may be a new key named %q whose secret nobody has. Look for it in the service's list of keys and revoke it, then "+
			"apply again.", wanted.Name))
}
