// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

type member struct {
	UserID, Name, JoinedAt, InvitedAt, InvitedBy *string
	Email, Role, Status                          string
	MFAEnabled                                   *bool
}

const membersPath = orgPath + "/members"

func TestMemberLife(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	owner := asOwner(t, server)
	var invited member
	owner.call(http.MethodPost, membersPath, object{"email": "New+tag@Example.com"}, http.StatusCreated, &invited)
	require.Equal(t, "member", invited.Role)
	require.Equal(t, "pending", invited.Status)
	require.Nil(t, invited.UserID)
	require.Nil(t, invited.Name)
	require.Nil(t, invited.JoinedAt)
	require.NotNil(t, invited.InvitedAt)
	require.Equal(t, emulator.DefaultOwnerUserID, *invited.InvitedBy)
	owner.problem(http.MethodPost, membersPath, object{"email": "new+tag@example.com"}, http.StatusConflict)
	owner.problem(http.MethodPost, membersPath, object{"email": "OWNER@example.com"}, http.StatusConflict)

	pending := membersPath + "/" + url.PathEscape("NEW+tag@example.com")
	var changed member
	owner.call(http.MethodPut, pending, object{"role": "readonly"}, http.StatusOK, &changed)
	require.Equal(t, "readonly", changed.Role)

	require.NoError(t, server.AcceptInvitation(orgID, "new+tag@example.com"))
	var listed struct{ Members []member }
	owner.call(http.MethodGet, membersPath, nil, http.StatusOK, &listed)
	require.Len(t, listed.Members, 3)
	active := listed.Members[2]
	require.Equal(t, "active", active.Status)
	require.NotNil(t, active.JoinedAt)
	require.Equal(t, "New+tag@Example.com", active.Email)
	require.True(t, *listed.Members[1].MFAEnabled)
	require.False(t, *listed.Members[0].MFAEnabled)

	owner.problem(http.MethodPut, pending, object{"role": "member"}, http.StatusNotFound) // an e-mail names pending ones only
	owner.call(http.MethodPut, membersPath+"/"+*active.UserID, object{"role": "admin"}, http.StatusOK, nil)
	owner.call(http.MethodDelete, membersPath+"/"+*active.UserID, nil, http.StatusNoContent, nil)
	owner.problem(http.MethodDelete, membersPath+"/"+*active.UserID, nil, http.StatusNotFound)
	require.Len(t, server.Members(orgID), 2)
}

func TestMemberBadInputAndLimit(t *testing.T) {
	t.Parallel()
	server, _ := start(t, func(o *emulator.Options) { o.OmitMFAEnabled = true })
	owner := asOwner(t, server)
	owner.problem(http.MethodPost, membersPath, object{"email": "nobody"}, http.StatusBadRequest)
	owner.problem(http.MethodPost, membersPath, object{"email": "Ann <ann@example.com>"}, http.StatusBadRequest)
	owner.problem(http.MethodPost, membersPath, object{"email": "a@example.com", "role": "king"}, http.StatusBadRequest)
	require.NoError(t, server.SetLimits(orgID, emulator.Limits{Members: 3}))
	owner.call(http.MethodPost, membersPath, object{"email": "a@example.com"}, http.StatusCreated, nil)
	detail := owner.problem(http.MethodPost, membersPath, object{"email": "b@example.com"}, http.StatusForbidden)
	require.Contains(t, detail, "settings.maxMembers")
	var listed struct{ Members []member }
	owner.call(http.MethodGet, membersPath, nil, http.StatusOK, &listed)
	require.Nil(t, listed.Members[0].MFAEnabled)
}

func TestOwnersAreKept(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	owner, admin := asOwner(t, server), as(t, server, emulator.DefaultAdminEmail, orgID)
	ownerPath := membersPath + "/" + emulator.DefaultOwnerUserID
	adminPath := membersPath + "/" + emulator.DefaultAdminUserID

	owner.problem(http.MethodPut, ownerPath, object{"role": "admin"}, http.StatusConflict)
	owner.problem(http.MethodDelete, ownerPath, nil, http.StatusConflict)
	admin.problem(http.MethodPut, adminPath, object{"role": "owner"}, http.StatusForbidden)
	admin.problem(http.MethodPost, membersPath, object{"email": "o@example.com", "role": "owner"}, http.StatusForbidden)
	admin.problem(http.MethodPut, ownerPath, object{"role": "admin"}, http.StatusForbidden)
	admin.problem(http.MethodDelete, ownerPath, nil, http.StatusForbidden)

	owner.call(http.MethodPost, membersPath, object{"email": "o@example.com", "role": "owner"}, http.StatusCreated, nil)
	owner.problem(http.MethodPut, ownerPath, object{"role": "admin"}, http.StatusConflict) // an invited owner is none yet
	owner.call(http.MethodPut, adminPath, object{"role": "owner"}, http.StatusOK, nil)
	owner.problem(http.MethodDelete, ownerPath, nil, http.StatusConflict) // an owner can't leave, also with another one there
	owner.call(http.MethodPut, ownerPath, object{"role": "member"}, http.StatusOK, nil)
	owner.call(http.MethodDelete, ownerPath, nil, http.StatusNoContent, nil) // a member can
	owner.problem(http.MethodGet, membersPath, nil, http.StatusForbidden)
}

func TestMembersCannotManageMembers(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	for _, role := range []string{"member", "readonly"} {
		email := role + "@example.com"
		require.NoError(t, server.AddMember(orgID, email, role))
		user := as(t, server, email, orgID)
		user.problem(http.MethodPost, membersPath, object{"email": "x@example.com"}, http.StatusForbidden)
		user.problem(http.MethodPut, membersPath+"/"+emulator.DefaultAdminUserID, object{"role": "member"}, http.StatusForbidden)
		user.problem(http.MethodDelete, membersPath+"/"+emulator.DefaultAdminUserID, nil, http.StatusForbidden)
		user.call(http.MethodGet, membersPath, nil, http.StatusOK, nil)
	}
	require.NoError(t, server.InviteMember(orgID, "open@example.com", "admin"))
	require.NoError(t, server.SetMemberRole(orgID, "OPEN@example.com", "readonly"))
	require.Equal(t, "readonly", server.Members(orgID)[4].Role)
	require.Error(t, server.AcceptInvitation(orgID, "member@example.com"))
	require.Error(t, server.RemoveMember(orgID, "nobody@example.com"))
}

func TestInvitationsExpireAndAreSentAgain(t *testing.T) {
	t.Parallel()
	server, clock := start(t, nil)
	owner := asOwner(t, server)
	require.NoError(t, server.InviteMember(orgID, "late@example.com", "member"))
	first := server.Members(orgID)[2]
	require.NoError(t, server.ExpireInvitation(orgID, "late@example.com"))
	require.Equal(t, "expired", server.Members(orgID)[2].Status)
	require.Error(t, server.AcceptInvitation(orgID, "late@example.com"))

	clock.Advance(time.Minute)
	require.NoError(t, server.ResendInvitation(orgID, "Late@example.com", emulator.DefaultAdminUserID))
	again := server.Members(orgID)[2]
	require.Equal(t, "pending", again.Status)
	require.True(t, again.InvitedAt.After(*first.InvitedAt))
	require.Equal(t, emulator.DefaultAdminUserID, *again.InvitedBy)

	require.NoError(t, server.ExpireInvitation(orgID, "late@example.com"))
	owner.call(http.MethodDelete, membersPath+"/"+url.PathEscape("late@example.com"), nil, http.StatusNoContent, nil)
	require.Error(t, server.ExpireInvitation(orgID, "late@example.com"))
	require.NoError(t, server.AddMember(orgID, "joined@example.com", "member"))
	require.Error(t, server.ResendInvitation(orgID, "joined@example.com", emulator.DefaultAdminUserID), "who has joined is not invited")
}
