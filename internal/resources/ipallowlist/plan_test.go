// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package ipallowlist

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// newResource makes a resource that uses an emulator as its owner.
func newResource(t *testing.T) (*Resource, *emulator.Server) {
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
	return &Resource{data: &providerdata.Data{API: providerdata.NewAPI(client)}}, server
}

func TestWhatANewListRemovesIsNamed(t *testing.T) {
	r, server := newResource(t)
	require.NoError(t, server.SetAllowlist(emulator.DefaultOrganizationID, true, "127.0.0.1/32", "192.0.2.0/24", "2001:db8::/32"))
	plan := model{OrganizationID: types.StringUnknown(), AllowLockout: types.BoolValue(true)}
	wanted := list(true, listed("127.0.0.1/32", ""), listed("2001:db8::/32", "named"))

	diagnostics := r.checkChange(t.Context(), plan, true, wanted)
	require.Len(t, diagnostics, 1)
	require.Equal(t, diag.SeverityWarning, diagnostics[0].Severity())
	require.Equal(t, "Entries of the IP allowlist will be removed: org_emulator", diagnostics[0].Summary())
	require.Contains(t, diagnostics[0].Detail(), "so they will be removed:\n192.0.2.0/24\n\n")
	require.Contains(t, diagnostics[0].Detail(), "terraform import terrascale_ip_allowlist.<name> 'org_emulator'")

	require.Empty(t, r.checkChange(t.Context(), plan, false, wanted), "the plan of an update shows what it removes")
}

func TestAnEmptyListIsPointedOut(t *testing.T) {
	r := &Resource{data: &providerdata.Data{}}
	diagnostics := r.findings(model{OrganizationID: types.StringValue("org_1")}, nil, true)
	require.Len(t, diagnostics, 1)
	require.Equal(t, "An empty IP allowlist allows every address: org_1", diagnostics[0].Summary())
	require.Empty(t, r.findings(model{}, nil, false), "what is not known yet may not be empty")
}
