// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// withEmulator starts an emulator and gives a client of its owner.
func withEmulator(t *testing.T) (*emulator.Server, *terrascale.Client) {
	t.Helper()
	server, err := emulator.New(emulator.Options{})
	require.NoError(t, err)
	require.NoError(t, server.Start())
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	token, err := server.IssueToken(emulator.DefaultOwnerEmail, emulator.DefaultOrganizationID)
	require.NoError(t, err)
	client, err := terrascale.New(terrascale.Config{
		Endpoint: server.URL(), AccessToken: token, OrganizationID: emulator.DefaultOrganizationID,
	})
	require.NoError(t, err)
	return server, client
}

func operations(server *emulator.Server, operation string) int {
	count := 0
	for _, request := range server.Requests() {
		if request.Operation == operation {
			count++
		}
	}
	return count
}

func networks(server *emulator.Server) []string {
	found := []string{}
	for _, entry := range server.Allowlist(emulator.DefaultOrganizationID).Entries {
		found = append(found, entry.CIDR)
	}
	slices.Sort(found)
	return found
}

func adding(cidr string) terrascale.IPAllowlistChange {
	return func(list *terrascale.IPAllowlist) error {
		list.Entries = append(list.Entries, terrascale.IPAllowlistEntry{CIDR: cidr})
		return nil
	}
}

// together makes changes at the same time and gives the error of each.
func together(t *testing.T, client *terrascale.Client, changes ...terrascale.IPAllowlistChange) []error {
	t.Helper()
	errs := make([]error, len(changes))
	var group sync.WaitGroup
	for index, change := range changes {
		group.Go(func() { _, errs[index] = client.ChangeIPAllowlist(t.Context(), emulator.DefaultOrganizationID, change) })
	}
	group.Wait()
	return errs
}

func TestChangesOfOneListAreWrittenAtOnce(t *testing.T) {
	server, client := withEmulator(t)
	var changes []terrascale.IPAllowlistChange
	for index := range 50 {
		changes = append(changes, adding(fmt.Sprintf("10.0.%d.0/24", index)))
	}
	for _, err := range together(t, client, changes...) {
		require.NoError(t, err)
	}
	require.Len(t, networks(server), 50)
	require.Equal(t, 1, operations(server, "putIpAllowlist"))
	require.Equal(t, 1, operations(server, "getIpAllowlist"))

	list, err := client.IPAllowlist(t.Context(), emulator.DefaultOrganizationID)
	require.NoError(t, err)
	require.Len(t, list.Entries, 50)
	require.Equal(t, 1, operations(server, "getIpAllowlist"), "what a write answers is known")
}

func TestAChangeThatFailsLeavesTheOthersAlone(t *testing.T) {
	server, client := withEmulator(t)
	refused := errors.New("refused")
	needsOther := func(list *terrascale.IPAllowlist) error {
		if !slices.ContainsFunc(list.Entries, func(e terrascale.IPAllowlistEntry) bool { return e.CIDR == "10.0.1.0/24" }) {
			return errors.New("the other is not there")
		}
		return adding("10.0.2.0/24")(list)
	}
	errs := together(t, client, needsOther, adding("10.0.1.0/24"), func(list *terrascale.IPAllowlist) error {
		list.Entries = nil
		return refused
	})
	require.NoError(t, errs[0], "it is tried again behind the others")
	require.NoError(t, errs[1])
	require.ErrorIs(t, errs[2], refused)
	require.Equal(t, []string{"10.0.1.0/24", "10.0.2.0/24"}, networks(server))
	require.Equal(t, 1, operations(server, "putIpAllowlist"))

	// What the service refuses is told apart, too.
	errs = together(t, client, adding("10.0.3.0/24"), adding("10.0.3.1/24"))
	require.NoError(t, errs[0])
	require.ErrorIs(t, errs[1], terrascale.ErrBadRequest)
	require.Equal(t, []string{"10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"}, networks(server))
}

func TestAChangeIsMadeToTheListAsItIs(t *testing.T) {
	server, client := withEmulator(t)
	_, err := client.IPAllowlist(t.Context(), emulator.DefaultOrganizationID)
	require.NoError(t, err)
	require.NoError(t, server.SetAllowlist(emulator.DefaultOrganizationID, false, "192.0.2.0/24"))
	_, err = client.ChangeIPAllowlist(t.Context(), emulator.DefaultOrganizationID, adding("10.0.1.0/24"))
	require.NoError(t, err)
	require.Equal(t, []string{"10.0.1.0/24", "192.0.2.0/24"}, networks(server))

	server.Inject(emulator.Fault{Operation: "putIpAllowlist", Status: http.StatusPreconditionFailed, Times: -1})
	_, err = client.ChangeIPAllowlist(t.Context(), emulator.DefaultOrganizationID, adding("10.0.2.0/24"))
	require.ErrorIs(t, err, terrascale.ErrPreconditionFailed, "it gives up one day")
}

func TestAChangeThatNobodyWaitsForIsNotMade(t *testing.T) {
	server, client := withEmulator(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := client.ChangeIPAllowlist(ctx, emulator.DefaultOrganizationID, adding("10.0.1.0/24"))
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, operations(server, "putIpAllowlist"))
	require.NoError(t, together(t, client, adding("10.0.2.0/24"))[0])
	require.Equal(t, []string{"10.0.2.0/24"}, networks(server))
}
