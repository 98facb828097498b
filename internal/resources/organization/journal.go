// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/journal"
)

// errSeveral says that it can't be told which organization a killed run made.
var errSeveral = errors.New("a run that ended early may have made one of several organizations")

// create makes the organization, or takes over the one that a killed run made. The entry is to be handed over once the state is saved.
func (r *Resource) create(
	ctx context.Context, organizations organizations, wanted terrascale.NewOrganization,
) (terrascale.Organization, *journal.Entry, error) {
	return journal.Adopt(ctx, r.data.Journal,
		journal.Record{Kind: journal.Organization, Scope: organizations.Endpoint(), Name: wanted.Name, Began: r.data.Clock()},
		func(made terrascale.Organization) string { return made.ID },
		func(left journal.Record) (terrascale.Organization, bool, error) {
			return leftover(ctx, organizations, wanted, left)
		},
		func() (terrascale.Organization, error) { return organizations.CreateOrganization(ctx, wanted) }, terrascale.ErrAnswerLost)
}

// leftover looks for what a killed run made.
func leftover(
	ctx context.Context, organizations organizations, wanted terrascale.NewOrganization, left journal.Record,
) (found terrascale.Organization, ok bool, err error) {
	memberships, err := organizations.ListOrganizations(ctx)
	if err != nil {
		return found, false, err
	}
	var ids []string
	for _, membership := range memberships {
		isIt := left.ID == "" || membership.OrganizationID == left.ID
		if !isIt || membership.OrganizationName != wanted.Name || membership.Role != "owner" {
			continue
		}
		organization, err := organizations.GetOrganization(ctx, membership.OrganizationID)
		if err != nil {
			return found, false, err
		}
		hasSlug := wanted.Slug == "" || organization.Slug == wanted.Slug
		if hasSlug && left.Since(organization.CreatedAt) && organization.Status == terrascale.OrganizationActive {
			found = organization
			ids = append(ids, organization.ID)
		}
	}
	if len(ids) > 1 {
		return found, false, fmt.Errorf("%w: %s: import the one that is to be managed, or delete those that nobody needs", errSeveral,
			strings.Join(ids, ", "))
	}
	return found, len(ids) == 1, nil
}
