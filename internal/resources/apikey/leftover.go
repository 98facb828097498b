// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

// leftovers warns of keys that look like the current one, work, and were never used: a run that was killed between the
// service's making a key and Terraform's saving it leaves one, and nobody has its secret. They may be somebody else's, too, so
// that none is touched.
func (m model) leftovers(current terrascale.APIKey, listed []terrascale.APIKey, now time.Time) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	var names []string
	for _, key := range listed {
		isOurs := key.ID == current.ID || key.ID == m.previousID()
		isUsed := key.LastUsedAt != nil || key.Status(now) != terrascale.KeyActive
		if isOurs || isUsed || key.Name != current.Name || !sameScopes(key.Scopes, current.Scopes) {
			continue
		}
		names = append(names, fmt.Sprintf("%s (created %s)", key.ID, key.CreatedAt.UTC().Format(time.RFC3339)))
	}
	if len(names) > 0 {
		diagnostics.AddAttributeWarning(path.Root("name"), "An API key may be left over", fmt.Sprintf(
			"Beside key %s, there are keys with the same name (%q) and scopes that work and were never used: %s.\n\nA run that was "+
				"killed while it made a key leaves such a key, and nobody has its secret: revoke it. If it is somebody else's, give "+
				"each purpose a name of its own.", current.ID, current.Name, strings.Join(names, ", ")))
	}
	return diagnostics
}

func sameScopes(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
