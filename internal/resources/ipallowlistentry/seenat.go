// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package ipallowlistentry

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// seenAtKey is where the private state keeps when a refresh saw that the entry had ended, as an RFC 3339 time in JSON. The plan goes
// by it: Terraform plans once more while it applies, and what it plans then must be the same.
const seenAtKey = "ended_seen_at"

type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func saveSeenAt(ctx context.Context, private privateWriter, now time.Time) diag.Diagnostics {
	content, err := json.Marshal(now.UTC())
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unable to save the private state", err.Error())}
	}
	return private.SetKey(ctx, seenAtKey, content)
}

// readSeenAt gives the zero time when no refresh has seen it.
func readSeenAt(ctx context.Context, private privateReader) (seen time.Time, diagnostics diag.Diagnostics) {
	content, diagnostics := private.GetKey(ctx, seenAtKey)
	if len(content) > 0 {
		if err := json.Unmarshal(content, &seen); err != nil {
			diagnostics.AddError("Unreadable private state", fmt.Sprintf(
				"When the entry was seen to have ended does not parse: %s. The state was damaged, or written by a later version of the "+
					"provider.", err))
		}
	}
	return seen, diagnostics
}
