// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"cmp"
	"net/http"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator/store"
)

type memberBody struct {
	UserID     *string    `json:"userId"`
	Email      string     `json:"email"`
	Name       *string    `json:"name"`
	Role       string     `json:"role"`
	Status     string     `json:"status"`
	JoinedAt   *time.Time `json:"joinedAt"`
	InvitedAt  *time.Time `json:"invitedAt"`
	InvitedBy  *string    `json:"invitedBy"`
	MFAEnabled *bool      `json:"mfaEnabled,omitempty"`
}

func (c *call) memberBody(member store.Member) memberBody {
	body := memberBody{
		UserID: member.UserID, Email: member.Email, Name: member.Name, Role: member.Role, Status: member.Status,
		JoinedAt: member.JoinedAt, InvitedAt: member.InvitedAt, InvitedBy: member.InvitedBy,
	}
	if !c.server.options.OmitMFAEnabled && member.Status == store.Active {
		body.MFAEnabled = &member.MFAEnabled
	}
	return body
}

func listMembers(c *call) error {
	found, err := c.store.Members(c.actor, c.path("organizationId"))
	if err != nil {
		return err
	}
	members := make([]memberBody, len(found))
	for index, member := range found {
		members[index] = c.memberBody(member)
	}
	return c.send(http.StatusOK, struct {
		Members []memberBody `json:"members"`
	}{members})
}

func inviteMember(c *call) error {
	var body struct {
		Email string `json:"email"`
		Role  string `json:"role"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	invited, err := c.store.InviteMember(c.actor, c.path("organizationId"), body.Email, cmp.Or(body.Role, store.Regular))
	if err != nil {
		return err
	}
	return c.send(http.StatusCreated, c.memberBody(invited))
}

func updateMember(c *call) error {
	var body struct {
		Role string `json:"role"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	changed, err := c.store.SetRole(c.actor, c.path("organizationId"), c.path("memberId"), body.Role)
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, c.memberBody(changed))
}

func removeMember(c *call) error {
	if err := c.store.RemoveMember(c.actor, c.path("organizationId"), c.path("memberId")); err != nil {
		return err
	}
	return c.sendNothing()
}
