// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package expiry is the attribute expires_at of what ends by itself, and the time that a plan judges it by.
package expiry

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
)

// Name is the attribute's name.
const Name = "expires_at"

// seenAtKey is where the private state keeps when a refresh saw that something had ended, as an RFC 3339 time in JSON. The plan goes
// by it: Terraform plans once more while it applies, and what it plans then must be the same.
const seenAtKey = "ended_seen_at"

// Attribute is expires_at; what says what it ends, such as entry.
func Attribute(what string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: fmt.Sprintf("When the %s ends, in RFC 3339: it leaves the list at the first apply after that.", what),
		CustomType:          customtypes.TimeType{}, Optional: true,
	}
}

// HasEnded reports whether expires_at has passed. One that is null or unknown has not.
func HasEnded(expiresAt customtypes.Time, now time.Time) bool {
	expires := customtypes.ParseTime(expiresAt)
	return expires != nil && !now.Before(*expires)
}

// SaveSeenAt keeps when a refresh saw that something had ended.
func SaveSeenAt(ctx context.Context, private rotationschema.PrivateWriter, now time.Time) diag.Diagnostics {
	content, err := json.Marshal(now.UTC())
	if err != nil {
		return diag.Diagnostics{diagnostic.PrivateStateUnwritable("the time at which "+Name+" was seen to have passed", err)}
	}
	return private.SetKey(ctx, seenAtKey, content)
}

// ReadSeenAt gives the zero time when no refresh has seen it.
func ReadSeenAt(ctx context.Context, private rotationschema.PrivateReader) (seen time.Time, diagnostics diag.Diagnostics) {
	content, diagnostics := private.GetKey(ctx, seenAtKey)
	if len(content) > 0 {
		if err := json.Unmarshal(content, &seen); err != nil {
			diagnostics.Append(diagnostic.PrivateStateUnreadable("the time at which "+Name+" was seen to have passed", err))
		}
	}
	return seen, diagnostics
}
