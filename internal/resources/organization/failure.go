// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
)

// notCreated is the error of a creation.
func notCreated(summary string, err error, wanted terrascale.NewOrganization) diag.Diagnostic {
	lost, isLost := errors.AsType[*terrascale.LostOrganizationError](err)
	switch {
	case isLost && len(lost.Candidates) == 0 && lost.Obstacle == nil:
		return diagnostic.APIWithAdvice(summary, err, "The service lists no such organization, so it was probably not made: apply again. If the service "+
			"makes it later, there is an organization of that name that nobody manages. Import it, or delete it.")
	case errors.Is(err, terrascale.ErrAnswerLost):
		return diagnostic.APIWithAdvice(summary, err, fmt.Sprintf("The call was not repeated, because that could make a second organization. "+
			"Look for one called %q at the service. If it is there, import it:\n\n"+
			"  terraform import %s.<name> <organization id>\n\nIf not, apply again.", wanted.Name, TypeName))
	case errors.Is(err, terrascale.ErrConflict):
		choose := fmt.Sprintf("Choose another slug than %q", wanted.Slug)
		if wanted.Slug == "" {
			choose = "Without slug, the service makes one from the name. Write slug = \"…\" with one that is free, or choose " +
				"another name"
		}
		return diagnostic.APIWithAdvice(summary, err, fmt.Sprintf("Nothing was made. %s. If the organization that has it is the one that "+
			"you mean, import it: terraform import %s.<name> <organization id>", choose, TypeName))
	case errors.Is(err, terrascale.ErrForbidden):
		return diagnostic.APIWithAdvice(summary, err, "Nothing was made. The service's words above say why: for example a limit on how many organizations "+
			"the user that the provider logs in as may have. Delete one that is not needed, or log in as another user.")
	default:
		return diagnostic.API(summary, err)
	}
}

// notChanged is the error of a change or deletion. enough are the roles that are enough for it.
func notChanged(
	ctx context.Context, organizations organizations, summary string, err error, organizationID string, enough ...string,
) diag.Diagnostic {
	if !errors.Is(err, terrascale.ErrForbidden) {
		return diagnostic.API(summary, err)
	}
	return diagnostic.Permission(summary, err, ownRole(ctx, organizations, organizationID), enough...)
}

// ownRole is the role of the user that the provider logs in as; "" where it can't be told.
func ownRole(ctx context.Context, organizations organizations, organizationID string) string {
	memberships, err := organizations.ListOrganizations(ctx)
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
