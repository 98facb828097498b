// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// requests counts the calls of an operation, and those of them that were refused for the rate limit.
func requests(server *emulator.Server, operation string) (all, refused int) {
	for _, request := range server.Requests() {
		if request.Operation == operation {
			all++
			if request.Status == http.StatusTooManyRequests {
				refused++
			}
		}
	}
	return all, refused
}

func TestManyReadersShareOneListing(t *testing.T) {
	e := newEmulated(t)
	var ids []string
	for i := range 250 {
		key, _, err := e.CreateKey(emulator.DefaultOrganizationID, fmt.Sprintf("key-%d", i), []string{"database:read"}, nil)
		require.NoError(t, err)
		ids = append(ids, key.ID)
	}
	var wait sync.WaitGroup
	for _, id := range ids {
		wait.Go(func() {
			key, err := e.client.GetAPIKey(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, id, key.ID)
		})
	}
	wait.Wait()
	listed, _ := requests(e.Server, "listApiKeys")
	require.Equal(t, 3, listed, "250 keys are three pages")

	// What this client writes, it sees.
	require.NoError(t, e.client.RevokeAPIKey(t.Context(), ids[0]))
	key, err := e.client.GetAPIKey(t.Context(), ids[0])
	require.NoError(t, err)
	require.True(t, key.Revoked)
}

func TestMembersShareOneListing(t *testing.T) {
	e := newEmulated(t)
	for i := range 20 {
		_, err := e.client.InviteMember(t.Context(), emulator.DefaultOrganizationID, fmt.Sprintf("m%d@example.com", i), "member")
		require.NoError(t, err)
	}
	before, _ := requests(e.Server, "listMembers")
	for i := range 20 {
		_, err := e.client.FindMember(t.Context(), emulator.DefaultOrganizationID, fmt.Sprintf("M%d@Example.com", i))
		require.NoError(t, err)
	}
	after, _ := requests(e.Server, "listMembers")
	require.Equal(t, 1, after-before)

	member, err := e.client.FindMember(t.Context(), emulator.DefaultOrganizationID, "m3@example.com")
	require.NoError(t, err)
	_, err = e.client.UpdateMemberRole(t.Context(), emulator.DefaultOrganizationID, member, "readonly")
	require.NoError(t, err)
	member, err = e.client.FindMember(t.Context(), emulator.DefaultOrganizationID, "m3@example.com")
	require.NoError(t, err)
	require.Equal(t, "readonly", member.Role)

	// What this client changes needs no other listing; what it could not change may be another's work, and is read anew.
	for i := range 20 {
		email := fmt.Sprintf("m%d@example.com", i)
		member, err := e.client.FindMember(t.Context(), emulator.DefaultOrganizationID, email)
		require.NoError(t, err)
		require.NoError(t, e.client.RemoveMember(t.Context(), emulator.DefaultOrganizationID, member))
		_, err = e.client.FindMember(t.Context(), emulator.DefaultOrganizationID, email)
		require.ErrorIs(t, err, terrascale.ErrNotFound)
		if i == 0 {
			_, err = e.client.InviteMember(t.Context(), emulator.DefaultOrganizationID, "new@example.com", "member")
			require.NoError(t, err)
			_, err = e.client.FindMember(t.Context(), emulator.DefaultOrganizationID, "new@example.com")
			require.NoError(t, err)
		}
	}
	after, _ = requests(e.Server, "listMembers")
	require.Equal(t, 1, after-before)
	require.ErrorIs(t, e.client.RemoveMember(t.Context(), emulator.DefaultOrganizationID, member), terrascale.ErrNotFound)
	_, err = e.client.FindMember(t.Context(), emulator.DefaultOrganizationID, "new@example.com")
	require.NoError(t, err)
	now, _ := requests(e.Server, "listMembers")
	require.Greater(t, now, after)
}

// Ten at a time, as Terraform does, under the limit of the plan Free: nobody fails, and hardly a call is refused.
func TestManyKeysAreMadeAtThePaceOfTheService(t *testing.T) {
	server, err := emulator.New(emulator.Options{Clock: time.Now, RateLimits: emulator.RateLimits{Enterprise: 100}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	require.NoError(t, server.Start())
	token, err := server.IssueToken(emulator.DefaultOwnerEmail, emulator.DefaultOrganizationID)
	require.NoError(t, err)
	client, err := terrascale.New(terrascale.Config{Endpoint: server.URL(), AccessToken: token})
	require.NoError(t, err)

	var group errgroup.Group
	group.SetLimit(10)
	for i := range 200 {
		group.Go(func() error {
			made, err := client.CreateAPIKey(t.Context(), terrascale.NewAPIKey{
				Name: fmt.Sprintf("paced-%d", i), Scopes: []string{"database:read"},
			})
			if err != nil {
				return err
			}
			_, err = client.GetAPIKey(t.Context(), made.ID)
			return err
		})
	}
	require.NoError(t, group.Wait())
	require.Len(t, server.APIKeys(emulator.DefaultOrganizationID), 200)
	created, refusedCreations := requests(server, "createApiKey")
	listed, refusedLists := requests(server, "listApiKeys")
	t.Logf("%d creations (%d refused), %d listings (%d refused)", created, refusedCreations, listed, refusedLists)
	// In the first moment of a second, before an answer tells how many are left, up to ten are under way.
	require.Less(t, refusedCreations+refusedLists, (created+listed)/20, "the client waits instead of being refused")
}
