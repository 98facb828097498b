// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
)

// The name of an ephemeral key says what it is, and when it was to end.
const (
	ephemeralStart = " (Terraform, until "
	ephemeralEnd   = ")"
)

func ephemeralName(name string, ends time.Time) string {
	return name + ephemeralStart + ends.Format(time.RFC3339) + ephemeralEnd
}

// ephemeralEnds reads the end out of the name of a key; ok is false for a key that this package did not make under a name.
func ephemeralEnds(keyName, name string) (ends time.Time, ok bool) {
	text, isOurs := strings.CutPrefix(keyName, name+ephemeralStart)
	text, isWhole := strings.CutSuffix(text, ephemeralEnd)
	ends, err := time.Parse(time.RFC3339, text)
	return ends, isOurs && isWhole && err == nil
}

// sweep revokes what is left of earlier runs under a name: keys whose time is over, whether or not the service ended them.
// One whose time is not over may belong to a run that is under way. What can't be swept is a warning: it stops nothing.
func sweep(ctx context.Context, keys keys, name string, now time.Time) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	listed, err := keys.EarlierAPIKeys(ctx)
	if err != nil {
		diagnostics.AddWarning("Unable to look for ephemeral API keys of earlier runs: "+name, diagnostic.APIDetail(err))
		return diagnostics
	}
	for _, key := range listed {
		ends, isOurs := ephemeralEnds(key.Name, name)
		if !isOurs || key.Revoked || ends.After(now) {
			continue
		}
		if err := revoke(ctx, keys, key.ID); err != nil {
			diagnostics.AddWarning("Unable to revoke ephemeral API key of an earlier run: "+key.Name,
				fmt.Sprintf("Key %s (%q): %s", key.ID, key.Name, diagnostic.APIDetail(err)))
		}
	}
	return diagnostics
}
