// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package teammember

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

// accepting is an organization in which an invitation is accepted between the reading of the list and what is done next: the
// first call by the e-mail address finds nobody.
type accepting struct {
	client
	fakeKeys
	accepted bool
	role     string
	removed  []string
}

func (a *accepting) ActiveOrganizationID(ctx context.Context) (string, error) {
	return a.fakeKeys.ActiveOrganizationID(ctx)
}

func (a *accepting) APIKeys(ctx context.Context) ([]terrascale.APIKey, error) {
	return a.fakeKeys.APIKeys(ctx)
}

func (a *accepting) ListAPIKeys(ctx context.Context) ([]terrascale.APIKey, error) {
	return a.fakeKeys.ListAPIKeys(ctx)
}

func (a *accepting) RevokeAPIKey(ctx context.Context, keyID string) error {
	return a.fakeKeys.RevokeAPIKey(ctx, keyID)
}

func (a *accepting) FindMemberOf(context.Context, string, string, string) (terrascale.Member, error) {
	member := terrascale.Member{Email: "grace@example.com", Role: "member", Status: terrascale.MemberPending}
	if a.accepted {
		userID := "usr_1"
		member.UserID, member.Status = &userID, terrascale.MemberActive
	}
	a.accepted = true
	return member, nil
}

func (a *accepting) UpdateMemberRole(_ context.Context, _ string, member terrascale.Member, role string) (terrascale.Member, error) {
	if member.UserID == nil {
		return member, terrascale.ErrNotFound
	}
	a.role = role
	return member, nil
}

func (a *accepting) RemoveMember(_ context.Context, _ string, member terrascale.Member) error {
	if member.UserID == nil {
		return terrascale.ErrNotFound
	}
	a.removed = append(a.removed, *member.UserID)
	return nil
}

func invitation() model {
	return model{
		OrganizationID: types.StringValue("org_1"), Email: customtypes.NewEmail("grace@example.com"), Role: types.StringValue("admin"),
		RevokeAPIKeysOnRemoval: types.BoolValue(true),
	}
}

func TestRoleOfAnInvitationThatIsAcceptedMeanwhile(t *testing.T) {
	organization := &accepting{}
	require.NoError(t, setRole(t.Context(), organization, invitation()))
	require.Equal(t, "admin", organization.role)
}

// Whoever accepts at the moment of the removal is removed, and with the keys that were made since.
func TestRemovalOfAnInvitationThatIsAcceptedMeanwhile(t *testing.T) {
	she := "usr_1"
	organization := &accepting{fakeKeys: fakeKeys{listed: []terrascale.APIKey{{ID: "key_1", CreatedBy: &she}}}}
	diagnostics := remove(t.Context(), organization, "Unable to remove team member", invitation(), time.Now())
	require.False(t, diagnostics.HasError())
	require.Equal(t, []string{"usr_1"}, organization.removed)
	require.Equal(t, []string{"key_1"}, organization.revoked)
}
