// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package teammember

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

const owner = "owner"

// checkOwners says what the service would refuse of a change that makes or unmakes an owner: to is "" for a removal. What can't
// be read is left to the service.
func checkOwners(ctx context.Context, members members, organizationID, email, from, to string) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	if own := ownRole(ctx, members, organizationID); own != "" && own != owner {
		diagnostics.AddAttributeError(path.Root("role"), "Only an owner can do this", fmt.Sprintf(
			"%s. Only an owner of organization %s may do that, and the user that the provider logs in as has the role %s there. Log in as "+
				"an owner for this change, or have an owner make it in the dashboard.", described(email, from, to), organizationID, own))
		return diagnostics
	}
	if from != owner {
		return nil
	}
	listed, err := members.Members(ctx, organizationID)
	if err == nil && isLastOwner(listed, email) {
		diagnostics.AddAttributeError(path.Root("role"), "An organization keeps at least one owner", fmt.Sprintf(
			"%s, and is the only one of organization %s who has joined. Make somebody else an owner first (role = \"owner\"), apply "+
				"that, and let that person do this: an owner can't remove itself. To keep the member and only remove it from the state, use a removed "+
				"block with destroy = false, or terraform state rm.", described(email, from, to), organizationID))
	}
	return diagnostics
}

// described says in words what a change is: "grace@example.com, an owner, is to be removed".
func described(email, from, to string) string {
	switch {
	case to == "":
		return email + ", an owner, is to be removed"
	case from == owner:
		return fmt.Sprintf("%s, an owner, is to have the role %s", email, to)
	default:
		return email + " is to be an owner"
	}
}

// isLastOwner counts those who have joined: an invitation may never be accepted.
func isLastOwner(listed []terrascale.Member, email string) bool {
	joined := slices.DeleteFunc(slices.Clone(listed), func(m terrascale.Member) bool {
		return m.Role != owner || m.Status != terrascale.MemberActive
	})
	return len(joined) == 1 && strings.EqualFold(joined[0].Email, email)
}

// ownRole is the role of the user that the provider logs in as; "" where it can't be told.
func ownRole(ctx context.Context, members members, organizationID string) string {
	memberships, err := members.ListOrganizations(ctx)
	if err != nil {
		return ""
	}
	for _, membership := range memberships {
		if membership.OrganizationID == organizationID {
			return membership.Role
		}
	}
	return ""
}
