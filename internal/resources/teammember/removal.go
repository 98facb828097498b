// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package teammember

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/terrascale"
)

// keys is what ending a member's keys needs of the management API.
type keys interface {
	ActiveOrganizationID(ctx context.Context) (string, error)
	APIKeys(ctx context.Context) ([]terrascale.APIKey, error)
	RevokeAPIKey(ctx context.Context, keyID string) error
}

// revokeKeys ends the working keys that a user made in an organization, and reports each. When it fails, the member must
// stay, so that the next try finds the rest.
func revokeKeys(ctx context.Context, keys keys, organizationID, email, userID string, now time.Time) diag.Diagnostics {
	const summary = "Unable to revoke the team member's API keys"
	active, err := keys.ActiveOrganizationID(ctx)
	if err != nil {
		return diag.Diagnostics{diagnostic.API(summary, err)}
	}
	if active != organizationID {
		return diag.Diagnostics{diag.NewErrorDiagnostic(summary, fmt.Sprintf(
			"%s is a member of organization %s, and the provider works with the API keys of organization %s. Nothing was changed.\n\n"+
				"Use a provider block with organization_id = %q for this resource, or set revoke_api_keys_on_removal = false and apply "+
				"before removing the member.", email, organizationID, active, organizationID))}
	}
	listed, err := keys.APIKeys(ctx)
	if err != nil {
		return diag.Diagnostics{diagnostic.API(summary, err)}
	}
	var diagnostics diag.Diagnostics
	var revoked, unclear []string
	for _, key := range listed {
		if key.Status(now) != terrascale.KeyActive {
			continue
		}
		line := fmt.Sprintf("%s (%q)", key.ID, key.Name)
		switch {
		case key.CreatedBy == nil:
			unclear = append(unclear, line)
		case *key.CreatedBy != userID:
		default:
			if err := keys.RevokeAPIKey(ctx, key.ID); err != nil && !errors.Is(err, terrascale.ErrNotFound) {
				diagnostics.Append(diagnostic.APIWithAdvice(summary, err,
					fmt.Sprintf("Key %s still works, and %s is still a member: run this again.", line, email)))
				continue
			}
			revoked = append(revoked, line)
		}
	}
	if len(revoked) > 0 {
		diagnostics.AddWarning("API keys of the team member were revoked", fmt.Sprintf(
			"%s had made them:\n%s", email, strings.Join(revoked, "\n")))
	}
	if len(unclear) > 0 {
		diagnostics.AddWarning("API keys of the team member may be left", fmt.Sprintf(
			"The service does not say who made these keys, so they were left as they are. Revoke those that %s knows:\n%s",
			email, strings.Join(unclear, "\n")))
	}
	return diagnostics
}

// ownerKept is the error of a change to a member. The conflict that it can meet is the rule that an organization keeps an
// owner.
func ownerKept(summary string, err error) diag.Diagnostic {
	if !errors.Is(err, terrascale.ErrConflict) {
		return diagnostic.API(summary, err)
	}
	return diagnostic.APIWithAdvice(summary, err,
		"Nothing was changed. An organization keeps at least one owner, and an owner can't remove itself: make somebody else an "+
			"owner first (role = \"owner\"), let that person join, and apply this as that person.")
}
