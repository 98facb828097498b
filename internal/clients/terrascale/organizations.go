// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

//nolint:bodyclose // attemptTransport has read and closed every body already.
package terrascale

import (
	"context"
	"net/http"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale/api"
)

// Organization is the container of databases, keys and members.
type Organization struct {
	ID, Name, Slug, OwnerUserID string
	// Plan is "free", "pro" or "enterprise"; Status is "active", "suspended" or "deleted".
	Plan, Status string
	BillingEmail *string
	CreatedAt    time.Time
	UpdatedAt    *time.Time
	Settings     OrganizationSettings
}

// OrganizationSettings are the organization's limits and rules. Nil AllowedRegions means every region.
type OrganizationSettings struct {
	MaxDatabases, MaxAPIKeys, MaxMembers int
	AllowedRegions                       []string
	RequireMFA, SSOEnabled               bool
}

// NewOrganization is what an organization is made of. An empty Slug lets the service make one from the name; an
// empty BillingEmail is none.
type NewOrganization struct {
	Name, Slug, BillingEmail string
}

// OrganizationUpdate changes what is not nil. An empty BillingEmail removes the address ("billing-email-removal").
type OrganizationUpdate struct {
	Name, BillingEmail *string
	RequireMFA         *bool
}

// The status of an organization.
const (
	OrganizationActive    = "active"
	OrganizationSuspended = "suspended"
	OrganizationDeleted   = "deleted"
)

// Membership is an organization that the user belongs to, and as what.
type Membership struct {
	OrganizationID, OrganizationName, Role string
	JoinedAt                               time.Time
}

// ListOrganizations returns the organizations that the user belongs to.
func (c *Client) ListOrganizations(ctx context.Context) ([]Membership, error) {
	ctx, op := c.begin(ctx, "list organizations", repeatAny)
	response, err := c.authorized.ListOrganizations(ctx)
	list, err := decode[api.OrganizationList](op, response, err, http.StatusOK)
	if err != nil {
		return nil, err
	}
	if err := checkList(op, list.Organizations, "organizations"); err != nil {
		return nil, err
	}
	memberships := make([]Membership, 0, len(list.Organizations))
	for _, m := range list.Organizations {
		if m.OrganizationID == "" {
			return nil, op.invalid("it lists an organization without an organizationId")
		}
		memberships = append(memberships, Membership{
			OrganizationID:   m.OrganizationID,
			OrganizationName: m.OrganizationName,
			Role:             string(m.Role),
			JoinedAt:         m.JoinedAt,
		})
	}
	return memberships, nil
}

// GetOrganization returns an organization. A deleted one may be ErrNotFound or have the status "deleted".
func (c *Client) GetOrganization(ctx context.Context, organizationID string) (Organization, error) {
	callerCtx := ctx
	ctx, op := c.begin(ctx, "read organization", repeatAny)
	if err := op.checkSegment("organization id", organizationID); err != nil {
		return Organization{}, err
	}
	response, err := c.authorized.GetOrganization(ctx, organizationID)
	organization, err := decodeOrganization(op, response, err, http.StatusOK)
	return organization, op.confirmGone(err, c.listsOrganization(callerCtx, organizationID))
}

// createOrganization is the call as it is. It is ErrAnswerLost when there may be an organization nevertheless.
func (c *Client) createOrganization(ctx context.Context, organization NewOrganization) (Organization, error) {
	ctx, op := c.begin(ctx, "create organization", repeatRefused)
	response, err := c.authorized.CreateOrganization(ctx, api.NewOrganization{
		Name:         organization.Name,
		Slug:         nonEmpty(organization.Slug),
		BillingEmail: nonEmpty(organization.BillingEmail),
	})
	return decodeOrganization(op, response, err, http.StatusCreated)
}

// UpdateOrganization changes an organization and returns it as it is then.
func (c *Client) UpdateOrganization(ctx context.Context, organizationID string, update OrganizationUpdate) (Organization, error) {
	ctx, op := c.begin(ctx, "update organization", repeatAny)
	if err := op.checkSegment("organization id", organizationID); err != nil {
		return Organization{}, err
	}
	request := api.OrganizationUpdate{Name: update.Name, BillingEmail: update.BillingEmail}
	if update.RequireMFA != nil {
		request.Settings = &api.OrganizationSettingsUpdate{RequireMfa: update.RequireMFA}
	}
	response, err := c.authorized.UpdateOrganization(ctx, organizationID, request)
	return decodeOrganization(op, response, err, http.StatusOK)
}

// DeleteOrganization deletes an organization: its databases and keys become unreachable.
func (c *Client) DeleteOrganization(ctx context.Context, organizationID string) error {
	callerCtx := ctx
	ctx, op := c.begin(ctx, "delete organization", repeatAny)
	if err := op.checkSegment("organization id", organizationID); err != nil {
		return err
	}
	response, err := c.authorized.DeleteOrganization(ctx, organizationID)
	return deleted(op, response, err, c.listsOrganization(callerCtx, organizationID))
}

func (c *Client) listsOrganization(ctx context.Context, id string) func() (bool, error) {
	return listed(ctx, c.looks.organizations, "", c.ListOrganizations, func(m Membership) bool { return m.OrganizationID == id })
}

func decodeOrganization(op *operation, response *http.Response, err error, want int) (Organization, error) {
	o, err := decode[api.Organization](op, response, err, want)
	if err != nil {
		return Organization{}, err
	}
	if o.OrganizationID == "" {
		return Organization{}, op.invalid("there is no organizationId in it")
	}
	return Organization{
		ID:           o.OrganizationID,
		Name:         o.Name,
		Slug:         o.Slug,
		OwnerUserID:  o.OwnerUserID,
		Plan:         string(o.Plan),
		Status:       string(o.Status),
		BillingEmail: o.BillingEmail,
		CreatedAt:    o.CreatedAt,
		UpdatedAt:    o.UpdatedAt,
		Settings: OrganizationSettings{
			MaxDatabases:   o.Settings.MaxDatabases,
			MaxAPIKeys:     o.Settings.MaxAPIKeys,
			MaxMembers:     o.Settings.MaxMembers,
			AllowedRegions: o.Settings.AllowedRegions,
			RequireMFA:     o.Settings.RequireMfa,
			SSOEnabled:     o.Settings.SsoEnabled,
		},
	}, nil
}

func nonEmpty(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
