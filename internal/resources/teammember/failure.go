// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package teammember

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
)

// notInvited is the error of an invitation.
func notInvited(ctx context.Context, members members, summary string, err error, organizationID, email, role string) diag.Diagnostic {
	switch {
	case errors.Is(err, terrascale.ErrConflict):
		return diagnostic.APIWithAdvice(summary, err, fmt.Sprintf(
			"The provider does not take over a member whom it did not invite. To manage this member from now on, import it: "+
				"terraform import %s.<name> '%s/%s'", TypeName, organizationID, email))
	case errors.Is(err, terrascale.ErrAnswerLost):
		return diagnostic.APIWithAdvice(summary, err, fmt.Sprintf(
			"%s may have been invited. Apply again: the provider takes over an invitation that came of this run.", email))
	case errors.Is(err, terrascale.ErrForbidden):
		if full := fullness(ctx, members, organizationID); full != "" {
			return diagnostic.APIWithAdvice(summary, err, full)
		}
		return diagnostic.Permission(summary, err, ownRole(ctx, members, organizationID), enough(role)...)
	default:
		return diagnostic.API(summary, err)
	}
}

// fullness is what to do about an organization that has as many members as it may; "" where it has fewer, or can't be read.
func fullness(ctx context.Context, members members, organizationID string) string {
	organization, err := members.GetOrganization(ctx, organizationID)
	if err != nil {
		return ""
	}
	listed, err := members.Members(ctx, organizationID)
	if limit := organization.Settings.MaxMembers; err == nil && limit > 0 && len(listed) >= limit {
		return fmt.Sprintf("Organization %s has %d members, invitations included, and its plan (%s) allows %d. Remove a member, withdraw an "+
			"invitation, or move the organization to a larger plan.", organizationID, len(listed), organization.Plan, limit)
	}
	return ""
}

// enough are the roles that may give a role, or change or remove a member of it.
func enough(role string) []string {
	if role == owner {
		return []string{owner}
	}
	return []string{owner, "admin"}
}

// notChanged is the error of a change to a member, or of a removal. The conflict that these can meet is the rule that an
// organization keeps an owner.
func notChanged(ctx context.Context, members members, summary string, err error, state model) diag.Diagnostic {
	switch {
	case errors.Is(err, terrascale.ErrConflict):
		return diagnostic.APIWithAdvice(summary, err,
			"Nothing was changed. An organization keeps at least one owner, and an owner can't remove itself: make somebody else an "+
				"owner first (role = \"owner\"), let that person join, and apply this as that person.")
	case errors.Is(err, terrascale.ErrForbidden):
		return diagnostic.Permission(summary, err, ownRole(ctx, members, state.OrganizationID.ValueString()), enough(state.Role.ValueString())...)
	default:
		return diagnostic.API(summary, err)
	}
}
