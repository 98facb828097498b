// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package ipallowlist

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
)

// etagKey is where the private state keeps the version of the list that the state shows, as a JSON string.
const etagKey = "etag"

// errChanged says that somebody else changed the list since the plan was made.
var errChanged = errors.New("the list was changed by somebody else")

type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// readETag gives "" when there is none.
func readETag(ctx context.Context, private privateReader) (string, diag.Diagnostics) {
	content, diagnostics := private.GetKey(ctx, etagKey)
	var etag string
	if len(content) > 0 {
		if err := json.Unmarshal(content, &etag); err != nil {
			diagnostics.Append(diagnostic.PrivateStateUnreadable("the version of the IP allowlist", err))
		}
	}
	return etag, diagnostics
}

func saveETag(ctx context.Context, private privateWriter, etag string) diag.Diagnostics {
	content, err := json.Marshal(etag)
	if err != nil {
		return diag.Diagnostics{diagnostic.PrivateStateUnwritable("the version of the IP allowlist", err)}
	}
	return private.SetKey(ctx, etagKey, content)
}

// replace writes a list in place of the one that is known. When the service has another version by now, that is replaced
// only if it holds the same; else the error is errChanged and says what the other change was.
func replace(ctx context.Context, lists lists, organizationID string, known, wanted terrascale.IPAllowlist) (terrascale.IPAllowlist, error) {
	if wanted.ETag = known.ETag; wanted.ETag != "" {
		written, err := lists.PutIPAllowlist(ctx, organizationID, wanted)
		if !errors.Is(err, terrascale.ErrPreconditionFailed) {
			return written, err
		}
	}
	current, err := lists.GetIPAllowlist(ctx, organizationID)
	if err != nil {
		return terrascale.IPAllowlist{}, err
	}
	if !sameContent(current, known) {
		return terrascale.IPAllowlist{}, changedSince(known, current)
	}
	wanted.ETag = current.ETag
	return lists.PutIPAllowlist(ctx, organizationID, wanted)
}

// changedSince is errChanged, and says what the other change was.
func changedSince(known, current terrascale.IPAllowlist) error {
	return fmt.Errorf("%w: %s", errChanged, strings.Join(differences(known, current), "; "))
}

// failure is the error of a failed call, with what the likely cause is for a list.
func failure(summary string, err error) diag.Diagnostic {
	if errors.Is(err, errChanged) {
		return diagnostic.APIWithAdvice(summary, err, "Nothing was overwritten. Plan again: the plan shows the other change, and "+
			"applying it undoes that. To keep it, write it in the configuration first.")
	}
	return diagnostic.IPAllowlist(summary, err)
}
