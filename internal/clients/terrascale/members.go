// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

//nolint:bodyclose // attemptTransport has read and closed every body already.
package terrascale

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale/api"
)

// Roles are what a member can be.
var Roles = []string{"owner", "admin", "member", "readonly"}

// The status of a member.
const (
	MemberActive  = "active"
	MemberPending = "pending"
)

// Member is a member of an organization, or an invitation while Status is MemberPending: UserID, Name and
// JoinedAt are nil then.
type Member struct {
	UserID              *string
	Email               string
	Name                *string
	Role, Status        string
	JoinedAt, InvitedAt *time.Time
	// InvitedBy is a user id; nil for the organization's founder.
	InvitedBy *string
	// MFAEnabled is nil when the service does not say.
	MFAEnabled *bool
}

// ListMembers returns members and pending invitations.
func (c *Client) ListMembers(ctx context.Context, organizationID string) ([]Member, error) {
	callerCtx := ctx
	members, err := allPages(memberID, func(cursor *string) ([]Member, *string, error) {
		ctx, op := c.begin(ctx, "list members", repeatAny)
		if err := op.checkSegment("organization id", organizationID); err != nil {
			return nil, nil, err
		}
		response, err := c.authorized.ListMembers(ctx, organizationID, &api.ListMembersParams{Cursor: cursor})
		page, err := decode[api.MemberList](op, response, err, http.StatusOK)
		if err != nil {
			return nil, nil, op.confirmGone(err, c.listsOrganization(callerCtx, organizationID))
		}
		if err := checkList(op, page.Members, "members"); err != nil {
			return nil, nil, err
		}
		members := make([]Member, 0, len(page.Members))
		for _, member := range page.Members {
			if member.Email == "" {
				return nil, nil, op.invalid("it lists a member without an e-mail address")
			}
			members = append(members, memberFromAPI(member))
		}
		return members, page.NextCursor, nil
	})
	if err != nil {
		return nil, err
	}
	if caller := c.Caller(ctx); !caller.isListed(members) {
		_, op := c.begin(ctx, "list members", repeatAny)
		return nil, op.invalid("it does not list who asks for it, so it can't be the organization's list")
	}
	return members, nil
}

// Caller is who the client logs in as, as far as that is known.
type Caller struct{ UserID, Email string }

// IsInviter reports whether somebody was invited by the caller.
func (c Caller) IsInviter(member Member) bool {
	return c.UserID != "" && member.InvitedBy != nil && *member.InvitedBy == c.UserID
}

// Caller says who the client logs in as.
func (c *Client) Caller(ctx context.Context) Caller {
	current, err := c.authenticate(ctx, 0)
	if err != nil {
		return Caller{}
	}
	claimed := readClaims(current.access)
	caller := Caller{UserID: claimed.Subject, Email: claimed.Email}
	if caller.Email == "" && c.config.AccessToken.IsEmpty() {
		caller.Email = c.config.Email
	}
	return caller
}

// FindMember returns the member with an e-mail address, compared without case. ErrNotFound when there is none.
func (c *Client) FindMember(ctx context.Context, organizationID, email string) (Member, error) {
	members, err := c.Members(ctx, organizationID)
	if err != nil {
		return Member{}, err
	}
	for _, member := range members {
		if sameEmail(member.Email, email) {
			return member, nil
		}
	}
	return Member{}, fmt.Errorf("unable to find member %q: %w", email, ErrNotFound)
}

// FindMemberOf is FindMember for somebody whose user id may be known: who has joined is found by it, also under another address.
// Whoever has the address now and another id is somebody else.
func (c *Client) FindMemberOf(ctx context.Context, organizationID, userID, email string) (Member, error) {
	if userID == "" {
		return c.FindMember(ctx, organizationID, email)
	}
	members, err := c.Members(ctx, organizationID)
	if err != nil {
		return Member{}, err
	}
	for _, member := range members {
		if member.UserID != nil && *member.UserID == userID {
			return member, nil
		}
	}
	member, err := c.FindMember(ctx, organizationID, email)
	if err == nil && member.UserID != nil {
		return Member{}, fmt.Errorf("unable to find member %q (%s): %w", email, userID, ErrNotFound)
	}
	return member, err
}

// InviteMember invites somebody and returns the pending member. It is ErrAnswerLost when the invitation may have
// been sent nevertheless, and ErrConflict when the address is a member's.
func (c *Client) InviteMember(ctx context.Context, organizationID, email, role string) (Member, error) {
	ctx, op := c.begin(ctx, "invite member", repeatRefused)
	if err := op.checkSegment("organization id", organizationID); err != nil {
		return Member{}, err
	}
	invited := api.InvitationRole(role)
	response, err := c.authorized.InviteMember(ctx, organizationID, api.Invitation{Email: email, Role: &invited})
	member, err := decodeMember(op, response, err, http.StatusCreated)
	c.noteMember(organizationID, member, &member, err)
	return member, err
}

// UpdateMemberRole gives a member, or an invitation, another role and returns it as it is then.
func (c *Client) UpdateMemberRole(ctx context.Context, organizationID string, member Member, role string) (Member, error) {
	ctx, op := c.begin(ctx, "change member's role", repeatAny)
	id := memberID(member)
	if err := op.checkSegments(organizationID, id); err != nil {
		return Member{}, err
	}
	response, err := c.authorized.UpdateMember(ctx, organizationID, id, api.MemberUpdate{Role: api.Role(role)})
	changed, err := decodeMember(op, response, err, http.StatusOK)
	c.noteMember(organizationID, member, &changed, err)
	return changed, err
}

// noteMember brings the list that is shared up to date with a write: what somebody is now, or nil for gone. After a write that failed it is
// read anew.
func (c *Client) noteMember(organizationID string, was Member, is *Member, err error) {
	if err != nil {
		c.members.Drop()
		return
	}
	c.members.Change(organizationID, func(members []Member) []Member {
		changed := slices.DeleteFunc(slices.Clone(members), func(found Member) bool { return memberID(found) == memberID(was) })
		if is != nil {
			changed = append(changed, *is)
		}
		return changed
	})
}

// RemoveMember removes a member, or withdraws an invitation. ErrNotFound when it is not there.
func (c *Client) RemoveMember(ctx context.Context, organizationID string, member Member) error {
	callerCtx := ctx
	ctx, op := c.begin(ctx, "remove member", repeatAny)
	id := memberID(member)
	if err := op.checkSegments(organizationID, id); err != nil {
		return err
	}
	response, err := c.authorized.RemoveMember(ctx, organizationID, id)
	err = deleted(op, response, err, listed(callerCtx, c.looks.members, organizationID, func(ctx context.Context) ([]Member, error) {
		return c.ListMembers(ctx, organizationID)
	}, func(found Member) bool { return memberID(found) == id }))
	c.noteMember(organizationID, member, nil, err)
	return err
}

func (o *operation) checkSegments(organizationID, memberID string) error {
	if err := o.checkSegment("organization id", organizationID); err != nil {
		return err
	}
	return o.checkSegment("member's user id or e-mail address", memberID)
}

func decodeMember(op *operation, response *http.Response, err error, want int) (Member, error) {
	member, err := decode[api.Member](op, response, err, want)
	if err != nil {
		return Member{}, err
	}
	if member.Email == "" {
		return Member{}, op.invalid("there is no e-mail address in it")
	}
	return memberFromAPI(member), nil
}

func memberFromAPI(member api.Member) Member {
	return Member{
		UserID:     member.UserID,
		Email:      member.Email,
		Name:       member.Name,
		Role:       string(member.Role),
		Status:     string(member.Status),
		JoinedAt:   member.JoinedAt,
		InvitedAt:  member.InvitedAt,
		InvitedBy:  member.InvitedBy,
		MFAEnabled: member.MfaEnabled,
	}
}
