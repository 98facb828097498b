// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale_test

import (
	"encoding/base64"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

const membersPath = "/api/v1/organizations/org_1/members"

func activeJSON() object {
	return object{
		"userId": "usr_1", "email": "Ada@Example.com", "name": "Ada", "role": "admin", "status": "active",
		"joinedAt": "2026-01-15T10:00:00Z", "invitedAt": nil, "invitedBy": nil, "mfaEnabled": true,
	}
}

func pendingJSON(email string) object {
	return object{
		"userId": nil, "email": email, "name": nil, "role": "member", "status": "pending",
		"joinedAt": nil, "invitedAt": "2026-01-16T10:00:00Z", "invitedBy": "usr_1",
	}
}

func TestListAndFindMembers(t *testing.T) {
	s := serve(t, map[string]http.HandlerFunc{"GET " + membersPath: paged("members", map[string]object{
		"":  {"members": []object{activeJSON()}, "nextCursor": "2"},
		"2": {"members": []object{pendingJSON("bob@example.com")}},
	})})
	client, _ := newClient(t, s, terrascale.Config{})
	members, err := client.ListMembers(t.Context(), "org_1")
	require.NoError(t, err)
	joined, invited := time.Date(2026, 1, 15, 10, 0, 0, 0, time.UTC), time.Date(2026, 1, 16, 10, 0, 0, 0, time.UTC)
	user, name, yes := "usr_1", "Ada", true
	require.Equal(t, []terrascale.Member{
		{UserID: &user, Email: "Ada@Example.com", Name: &name, Role: "admin", Status: terrascale.MemberActive, JoinedAt: &joined, MFAEnabled: &yes},
		{Email: "bob@example.com", Role: "member", Status: terrascale.MemberPending, InvitedAt: &invited, InvitedBy: &user},
	}, members)

	for email, want := range map[string]int{"ada@example.com": 0, "ADA@EXAMPLE.COM": 0, "Bob@example.com": 1} {
		member, err := client.FindMember(t.Context(), "org_1", email)
		require.NoError(t, err)
		require.Equal(t, members[want], member)
	}
	_, err = client.FindMember(t.Context(), "org_1", "eve@example.com")
	require.ErrorIs(t, err, terrascale.ErrNotFound)
	require.ErrorContains(t, err, "eve@example.com")
	_, err = client.FindMember(t.Context(), "org_2", "ada@example.com")
	require.ErrorIs(t, err, terrascale.ErrNotFound)
}

func TestInviteMember(t *testing.T) {
	const invite = "POST " + membersPath
	s := serve(t, map[string]http.HandlerFunc{invite: inTurn(
		reply(201, pendingJSON("bob@example.com")), problem(409, "Conflict", "is a member already"),
	)})
	client, _ := newClient(t, s, terrascale.Config{})
	member, err := client.InviteMember(t.Context(), "org_1", "bob@example.com", "member")
	require.NoError(t, err)
	require.Equal(t, terrascale.MemberPending, member.Status)
	require.Nil(t, member.UserID)
	require.JSONEq(t, `{"email":"bob@example.com","role":"member"}`, s.calls(invite)[0].Body)
	_, err = client.InviteMember(t.Context(), "org_1", "bob@example.com", "member")
	require.ErrorIs(t, err, terrascale.ErrConflict)
}

func TestMemberIDIsTheUserIDOrTheEscapedEmail(t *testing.T) {
	user := "usr_1"
	for want, member := range map[string]terrascale.Member{
		"usr_1":                        {UserID: &user, Email: "ada@example.com"},
		"bob@example.com":              {Email: "bob@example.com"},
		"a%2Fb%3F%23%25+c@example.com": {Email: "a/b?#%+c@example.com"},
	} {
		t.Run(want, func(t *testing.T) {
			s := serve(t, map[string]http.HandlerFunc{
				"PUT " + membersPath + "/" + want:    reply(200, activeJSON()),
				"DELETE " + membersPath + "/" + want: reply(204, nil),
			})
			client, _ := newClient(t, s, terrascale.Config{})
			updated, err := client.UpdateMemberRole(t.Context(), "org_1", member, "admin")
			require.NoError(t, err)
			require.Equal(t, "admin", updated.Role)
			require.JSONEq(t, `{"role":"admin"}`, s.calls("")[0].Body)
			require.NoError(t, client.RemoveMember(t.Context(), "org_1", member))
		})
	}
}

func TestMemberWithoutIDIsRefused(t *testing.T) {
	s := serve(t, nil)
	client, _ := newClient(t, s, terrascale.Config{})
	require.ErrorIs(t, client.RemoveMember(t.Context(), "org_1", terrascale.Member{}), terrascale.ErrInvalidArgument)
	_, err := client.UpdateMemberRole(t.Context(), "", terrascale.Member{Email: "a@b.example"}, "admin")
	require.ErrorIs(t, err, terrascale.ErrInvalidArgument)
	require.Empty(t, s.calls(""))
}

// A list that does not hold who asks for it is not the organization's: nobody is taken for gone by it.
func TestAMemberListHoldsItsCaller(t *testing.T) {
	token := func(claims string) secret.String {
		encode := base64.RawURLEncoding.EncodeToString
		return secret.New(encode([]byte(`{"alg":"none"}`)) + "." + encode([]byte(claims)) + ".c2ln")
	}
	for name, row := range map[string]struct {
		claims  string
		members []object
		valid   bool
	}{
		"by id":                        {`{"sub":"usr_1"}`, []object{activeJSON()}, true},
		"by address":                   {`{"sub":"auth0|7","email":"ada@example.com"}`, []object{activeJSON()}, true},
		"nothing is known":             {`{}`, []object{}, true},
		"an id of another kind":        {`{"sub":"auth0|7"}`, []object{activeJSON()}, true},
		"an id, and nobody is listed":  {`{"sub":"usr_1"}`, []object{}, false},
		"an id, and nobody has joined": {`{"sub":"usr_1"}`, []object{pendingJSON("bob@example.com")}, false},
		"only others":                  {`{"sub":"usr_9","email":"eve@example.com"}`, []object{activeJSON()}, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, map[string]http.HandlerFunc{"GET " + membersPath: reply(http.StatusOK, object{"members": row.members})})
			client, _ := newClient(t, s, terrascale.Config{AccessToken: token(row.claims)})
			_, err := client.ListMembers(t.Context(), "org_1")
			if row.valid {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, terrascale.ErrInvalidAnswer)
			require.ErrorContains(t, err, "does not list who asks for it")
		})
	}
}
