// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// LostOrganizationError says that there may be an organization that nobody keeps, since the answer to its creation was lost and
// it can't be told what came of the call. It is ErrAnswerLost.
type LostOrganizationError struct {
	// Candidates are the organizations of which one, or none, came of the call. There is none where nothing came of it, as far
	// as the list tells, and where the list can't be read.
	Candidates []Membership
	// Cause is how the answer was lost. Obstacle is what stood in the way of the search; nil where there was nothing.
	Cause, Obstacle error
}

// Error names the candidates.
func (e *LostOrganizationError) Error() string {
	names := make([]string, len(e.Candidates))
	for index, candidate := range e.Candidates {
		names[index] = fmt.Sprintf("%s (%q)", candidate.OrganizationID, candidate.OrganizationName)
	}
	list := strings.Join(names, ", ")
	switch {
	case e.Obstacle != nil && len(names) == 0:
		return fmt.Sprintf("%s; the organizations can't be listed to find what came of it: %s", e.Cause, e.Obstacle)
	case e.Obstacle != nil:
		return fmt.Sprintf("%s; it can't be told whether one of these came of it: %s: %s", e.Cause, list, e.Obstacle)
	case len(names) == 0:
		return fmt.Sprintf("%s; no organization that could have come of it is listed", e.Cause)
	default:
		return fmt.Sprintf("%s; it can't be told which of these came of it: %s", e.Cause, list)
	}
}

// Unwrap gives both errors.
func (e *LostOrganizationError) Unwrap() []error {
	if e.Obstacle == nil {
		return []error{e.Cause}
	}
	return []error{e.Cause, e.Obstacle}
}

// foundingGate admits one creation of an organization at a time.
type foundingGate struct{}

// CreateOrganization makes an organization that the user owns, once: the call is never repeated. When its answer is lost, the
// organization is looked for among those that were not listed before and, where exactly one can have come of the call,
// returned; else the error is a *LostOrganizationError.
func (c *Client) CreateOrganization(ctx context.Context, organization NewOrganization) (Organization, error) {
	done, err := c.enter(ctx, "create organization", foundingGate{})
	if err != nil {
		return Organization{}, err
	}
	defer done()
	before, err := c.ListOrganizations(ctx)
	if err != nil {
		return Organization{}, err
	}
	began := c.config.Clock()
	created, err := c.createOrganization(ctx, organization)
	if !errors.Is(err, ErrAnswerLost) {
		return created, err
	}
	return c.findLostOrganization(ctx, organization, before, began, err)
}

// findLostOrganization relies on "organization-lost".
func (c *Client) findLostOrganization(
	ctx context.Context, wanted NewOrganization, before []Membership, began time.Time, lost error,
) (Organization, error) {
	if ctx.Err() != nil {
		// Whoever cancelled would not want an organization that nobody keeps.
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), searchAfterCancel)
		defer cancel()
		ctx = bounded
	}
	after, err := c.ListOrganizations(ctx)
	if err != nil {
		return Organization{}, &LostOrganizationError{Cause: lost, Obstacle: err}
	}
	candidates := slices.DeleteFunc(after, func(m Membership) bool {
		wasThere := slices.ContainsFunc(before, func(b Membership) bool { return b.OrganizationID == m.OrganizationID })
		return wasThere || m.OrganizationName != wanted.Name || m.Role != "owner"
	})
	var found []Organization
	for _, candidate := range candidates {
		organization, err := c.GetOrganization(ctx, candidate.OrganizationID)
		if err != nil {
			return Organization{}, &LostOrganizationError{Candidates: candidates, Cause: lost, Obstacle: err}
		}
		hasSlug := wanted.Slug == "" || organization.Slug == wanted.Slug
		if hasSlug && !organization.CreatedAt.Before(began.Add(-clockDifference)) {
			found = append(found, organization)
		}
	}
	switch len(found) {
	case 0:
		return Organization{}, &LostOrganizationError{Cause: lost}
	case 1:
		return found[0], nil
	default:
		return Organization{}, &LostOrganizationError{Candidates: candidates, Cause: lost}
	}
}
