// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator/store"
)

type organizationBody struct {
	OrganizationID string       `json:"organizationId"`
	Name           string       `json:"name"`
	Slug           string       `json:"slug"`
	OwnerUserID    string       `json:"ownerUserId"`
	Plan           string       `json:"plan"`
	Status         string       `json:"status"`
	BillingEmail   *string      `json:"billingEmail"`
	CreatedAt      time.Time    `json:"createdAt"`
	UpdatedAt      time.Time    `json:"updatedAt"`
	Settings       settingsBody `json:"settings"`
}

type settingsBody struct {
	MaxDatabases   int      `json:"maxDatabases"`
	MaxAPIKeys     int      `json:"maxApiKeys"`
	MaxMembers     int      `json:"maxMembers"`
	AllowedRegions []string `json:"allowedRegions"`
	RequireMFA     bool     `json:"requireMfa"`
	SSOEnabled     bool     `json:"ssoEnabled"`
}

func newOrganizationBody(org store.Organization) organizationBody {
	limits := org.Limit()
	return organizationBody{
		OrganizationID: org.ID, Name: org.Name, Slug: org.Slug, OwnerUserID: org.OwnerUserID,
		Plan: org.Plan, Status: org.Status, BillingEmail: org.BillingEmail,
		CreatedAt: org.CreatedAt, UpdatedAt: org.UpdatedAt,
		Settings: settingsBody{
			MaxDatabases: limits.Databases, MaxAPIKeys: limits.APIKeys, MaxMembers: limits.Members, RequireMFA: org.RequireMFA,
		},
	}
}

func listOrganizations(c *call) error {
	type membership struct {
		OrganizationID   string    `json:"organizationId"`
		OrganizationName string    `json:"organizationName"`
		Role             string    `json:"role"`
		JoinedAt         time.Time `json:"joinedAt"`
	}
	memberships := []membership{}
	for _, found := range c.store.Organizations(c.actor.UserID) {
		memberships = append(memberships, membership{found.Organization.ID, found.Organization.Name, found.Role, found.JoinedAt})
	}
	return c.send(http.StatusOK, struct {
		Organizations []membership `json:"organizations"`
	}{memberships})
}

func createOrganization(c *call) error {
	var body struct {
		Name         string  `json:"name"`
		Slug         *string `json:"slug"`
		BillingEmail *string `json:"billingEmail"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	wanted := store.NewOrganization{Name: body.Name, BillingEmail: body.BillingEmail}
	if body.Slug != nil {
		if *body.Slug == "" {
			return badRequest("slug must not be empty; leave it out to have it made from the name.")
		}
		wanted.Slug = *body.Slug
	}
	created, err := c.store.CreateOrganization(c.actor, wanted)
	if err != nil {
		return err
	}
	return c.send(http.StatusCreated, newOrganizationBody(created))
}

func getOrganization(c *call) error {
	found, err := c.store.Organization(c.actor, c.path("organizationId"))
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, newOrganizationBody(found))
}

func updateOrganization(c *call) error {
	var body struct {
		Name         *string         `json:"name"`
		BillingEmail json.RawMessage `json:"billingEmail"` // absent and null differ
		Settings     struct {
			RequireMFA *bool `json:"requireMfa"`
		} `json:"settings"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	change := store.OrganizationChange{Name: body.Name, RequireMFA: body.Settings.RequireMFA}
	if body.BillingEmail != nil {
		email, err := readBillingEmail(body.BillingEmail)
		if err != nil {
			return err
		}
		change.BillingEmail = &email
	}
	updated, err := c.store.UpdateOrganization(c.actor, c.path("organizationId"), change)
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, newOrganizationBody(updated))
}

// readBillingEmail takes null and "" both as "none from now on".
func readBillingEmail(raw json.RawMessage) (*string, error) {
	if bytes.Equal(raw, []byte("null")) {
		return nil, nil //nolint:nilnil // nil is the value that was sent
	}
	var email string
	if err := json.Unmarshal(raw, &email); err != nil {
		return nil, badRequest("billingEmail must be a string or null.")
	}
	if email == "" {
		return nil, nil //nolint:nilnil // as above
	}
	return &email, nil
}

func deleteOrganization(c *call) error {
	if err := c.store.DeleteOrganization(c.actor, c.path("organizationId")); err != nil {
		return err
	}
	return c.sendNothing()
}
