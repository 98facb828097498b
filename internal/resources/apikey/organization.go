// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
)

// organizationKey is where the private state keeps the id of the organization that the key belongs to, as a JSON string. In
// another organization every key looks gone: without it, a key that works would be forgotten.
const organizationKey = "organization"

// rememberOrganization saves the active organization. Where it can't be told, nothing is saved, and nothing is checked later.
func rememberOrganization(ctx context.Context, private rotationschema.PrivateWriter, keys keys) diag.Diagnostics {
	active, err := keys.ActiveOrganizationID(ctx)
	if err != nil {
		return nil
	}
	content, err := json.Marshal(active)
	if err != nil {
		return diag.Diagnostics{diagnostic.PrivateStateUnwritable("the key's organization", err)}
	}
	return private.SetKey(ctx, organizationKey, content)
}

// checkOrganization is an error when the provider works in another organization than the key's.
func checkOrganization(ctx context.Context, private rotationschema.PrivateReader, keys keys, keyID string) diag.Diagnostics {
	content, diagnostics := private.GetKey(ctx, organizationKey)
	var remembered string
	if len(content) == 0 || json.Unmarshal(content, &remembered) != nil {
		return diagnostics
	}
	if active, err := keys.ActiveOrganizationID(ctx); err == nil && active != remembered {
		diagnostics.AddError("The API key belongs to another organization", fmt.Sprintf(
			"Key %s was made in organization %s, and the provider works in organization %s, where it can be neither seen nor "+
				"revoked.\n\nSet organization_id = %q in the provider block of this resource. To move to the other organization, destroy "+
				"the key there first; to leave the key as it is, take it out of the state (terraform state rm).",
			keyID, remembered, active, remembered))
	}
	return diagnostics
}
