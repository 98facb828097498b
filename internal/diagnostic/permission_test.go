// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package diagnostic_test

import (
	"errors"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

func TestPermissionNamesTheRole(t *testing.T) {
	refused := &terrascale.APIError{Status: 403, Operation: "delete organization", Detail: "Some detail."}
	for own, want := range map[string]string{
		"":       "Ask an owner or admin to give that user a higher role",
		"owner":  "has the role owner in the organization, which is enough",
		"member": "has the role member in the organization, and this needs the role owner or admin.",
	} {
		got := diagnostic.Permission("Unable to delete organization", refused, own, "owner", "admin")
		require.Contains(t, got.Detail(), want)
		require.Contains(t, got.Detail(), "Some detail.")
	}
}

func TestDataSourceFailure(t *testing.T) {
	read := func(err error, canDefer bool) datasource.ReadResponse {
		var resp datasource.ReadResponse
		diagnostic.DataSourceFailure("Unable to read plans", err,
			datasource.ReadRequest{ClientCapabilities: datasource.ReadClientCapabilities{DeferralAllowed: canDefer}}, &resp)
		return resp
	}
	deferred := read(providerdata.ErrNotKnownYet, true)
	require.Empty(t, deferred.Diagnostics)
	require.Equal(t, datasource.DeferredReasonProviderConfigUnknown, deferred.Deferred.Reason)

	require.Contains(t, read(providerdata.ErrNotKnownYet, false).Diagnostics[0].Detail(), "depends_on")

	failed := read(errors.New("broken"), true)
	require.Nil(t, failed.Deferred)
	require.Contains(t, failed.Diagnostics[0].Detail(), "Broken")
}
