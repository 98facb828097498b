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

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
)

const notRevoked = "Unable to revoke the team member's API keys"

// keys is what ending a member's keys needs of the management API.
type keys interface {
	ActiveOrganizationID(ctx context.Context) (string, error)
	APIKeys(ctx context.Context) ([]terrascale.APIKey, error)
	ListAPIKeys(ctx context.Context) ([]terrascale.APIKey, error)
	RevokeAPIKey(ctx context.Context, keyID string) error
}

// removal is the end of somebody's membership.
type removal struct {
	organizationID, email, userID string
	// revoke says whether the member's keys end with it.
	revoke bool
	now    time.Time
}

// liveKeys gives the working keys that the member made, and those that nobody knows the maker of.
func (r removal) liveKeys(listed []terrascale.APIKey) (made, unclear []terrascale.APIKey) {
	for _, key := range listed {
		switch {
		case key.Status(r.now) != terrascale.KeyActive:
		case key.CreatedBy == nil:
			unclear = append(unclear, key)
		case *key.CreatedBy == r.userID:
			made = append(made, key)
		}
	}
	return made, unclear
}

func lines(keys []terrascale.APIKey) string {
	texts := make([]string, len(keys))
	for index, key := range keys {
		texts[index] = line(key)
	}
	return strings.Join(texts, "\n")
}

func line(key terrascale.APIKey) string { return fmt.Sprintf("%s (%q)", key.ID, key.Name) }

// otherOrganization is the error of a removal from another organization than the one whose keys the provider sees.
func (r removal) otherOrganization(active string) diag.Diagnostic {
	return diag.NewErrorDiagnostic(notRevoked, fmt.Sprintf(
		"%s is a member of organization %s, and the provider works with the API keys of organization %s. Nothing was changed.\n\n"+
			"Use a provider block with organization_id = %q for this resource, or set revoke_api_keys_on_removal = false and apply "+
			"before removing the member.", r.email, r.organizationID, active, r.organizationID))
}

// announceKeys says in a plan what a removal does to the keys that the member made. Each summary names the member, since Terraform
// shows one of several warnings with the same summary.
func announceKeys(ctx context.Context, keys keys, r removal) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	unseen := "API keys of a team member can't be seen: " + r.email
	active, err := keys.ActiveOrganizationID(ctx)
	if err != nil {
		diagnostics.AddWarning(unseen, diagnostic.APIDetail(err))
		return diagnostics
	}
	if active != r.organizationID {
		if r.revoke {
			return diag.Diagnostics{r.otherOrganization(active)}
		}
		diagnostics.AddWarning(unseen, fmt.Sprintf("The provider works with the API keys of organization %s, and %s leaves organization %s: "+
			"keys made there keep working.", active, r.email, r.organizationID))
		return diagnostics
	}
	listed, err := keys.APIKeys(ctx)
	if err != nil {
		diagnostics.AddWarning(unseen, diagnostic.APIDetail(err))
		return diagnostics
	}
	made, unclear := r.liveKeys(listed)
	switch {
	case len(made) == 0:
	case r.revoke:
		diagnostics.AddWarning("API keys of a team member will be revoked: "+r.email, fmt.Sprintf(
			"%s made these keys. They are revoked before the membership ends, and whatever uses one fails from then on:\n%s", r.email, lines(made)))
	default:
		diagnostics.AddWarning("API keys of a team member keep working: "+r.email, fmt.Sprintf(
			"%s made these keys, and may know their secrets. They keep working after the removal:\n%s\n\nTo revoke them together with the membership, set "+
				"revoke_api_keys_on_removal = true and apply before you remove the member.", r.email, lines(made)))
	}
	if len(unclear) > 0 {
		diagnostics.AddWarning(r.unclearSummary(), fmt.Sprintf(
			"The service does not say who made these keys, so they are left as they are:\n%s\n\nRevoke those that %s knows.",
			lines(unclear), r.email))
	}
	return diagnostics
}

func (r removal) unclearSummary() string { return "API keys of a team member may be left: " + r.email }

// revokeKeys ends the working keys that the member made, and reports each. When it fails, the member must stay, so that the next
// try finds the rest. The list is read anew: the member may have made a key since the run began.
func revokeKeys(ctx context.Context, keys keys, r removal) diag.Diagnostics {
	active, err := keys.ActiveOrganizationID(ctx)
	if err != nil {
		return diag.Diagnostics{diagnostic.API(notRevoked, err)}
	}
	if active != r.organizationID {
		return diag.Diagnostics{r.otherOrganization(active)}
	}
	listed, err := keys.ListAPIKeys(ctx)
	if err != nil {
		return diag.Diagnostics{diagnostic.API(notRevoked, err)}
	}
	var diagnostics diag.Diagnostics
	var revoked []terrascale.APIKey
	made, unclear := r.liveKeys(listed)
	for _, key := range made {
		if err := keys.RevokeAPIKey(ctx, key.ID); err != nil && !errors.Is(err, terrascale.ErrNotFound) {
			diagnostics.Append(diagnostic.APIWithAdvice(notRevoked, err,
				fmt.Sprintf("Key %s still works, and %s is still a member: run this again.", line(key), r.email)))
			continue
		}
		revoked = append(revoked, key)
	}
	if len(revoked) > 0 {
		diagnostics.AddWarning("API keys of a team member were revoked: "+r.email, fmt.Sprintf(
			"%s had made them:\n%s", r.email, lines(revoked)))
	}
	if len(unclear) > 0 {
		diagnostics.AddWarning(r.unclearSummary(), fmt.Sprintf(
			"The service does not say who made these keys, so they were left as they are. Revoke those that %s knows:\n%s",
			r.email, lines(unclear)))
	}
	return diagnostics
}

// remove ends a membership, or withdraws an invitation, after the keys where that is asked for. One that was accepted at the same
// time has another id: what is not found by its id is looked for anew, once, so that nobody stays who is taken for gone.
func remove(ctx context.Context, client client, summary string, state model, now time.Time) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	end := removal{
		organizationID: state.OrganizationID.ValueString(), email: state.Email.ValueString(), userID: state.UserID.ValueString(),
		revoke: state.RevokeAPIKeysOnRemoval.ValueBool(), now: now,
	}
	for again := false; ; again = true {
		member, err := client.FindMemberOf(ctx, end.organizationID, end.userID, end.email)
		gone := errors.Is(err, terrascale.ErrNotFound)
		if err != nil && !gone {
			diagnostics.Append(diagnostic.API(summary, err))
			return diagnostics
		}
		if member.UserID != nil {
			end.userID = *member.UserID
		}
		// What was revoked in the first round is not live in the second one.
		if end.revoke && end.userID != "" {
			diagnostics.Append(revokeKeys(ctx, client, end)...)
		}
		if gone || diagnostics.HasError() {
			return diagnostics
		}
		err = client.RemoveMember(ctx, end.organizationID, member)
		if isGone := errors.Is(err, terrascale.ErrNotFound); err == nil || isGone && again {
			return diagnostics
		} else if !isGone {
			diagnostics.Append(notChanged(ctx, client, summary, err, state))
			return diagnostics
		}
	}
}
