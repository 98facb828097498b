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
		diagnostics.AddAttributeWarning(path.Root("name"), "Other API keys have the name of this one: "+current.Name, fmt.Sprintf(
			"Beside key %s, the organization has live keys with the same name and scopes that were never used: %s.\n\nEach may "+
				"belong to another workspace or team that chose the same name, or be left over from a run that was killed while it "+
				"made a key. The provider can't tell, and a key that was handed out just now was never used either. Find out whose it is "+
				"before you change it. Give each purpose a name of its own, and this warning goes away.",
			current.ID, strings.Join(names, ", ")))
	}
	return diagnostics
}

func sameScopes(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
