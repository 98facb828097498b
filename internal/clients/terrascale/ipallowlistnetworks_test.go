// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

func TestShutsOut(t *testing.T) {
	networks := []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("2001:db8::/32")}
	for address, want := range map[string]bool{
		"203.0.113.9": false, "::ffff:203.0.113.9": false, "203.0.114.9": true,
		"2001:db8::1": false, "2001:db8::1%eth0": false, "2001:db9::1": true,
		// What is not understood is the service's to judge.
		"": false, "unknown": false,
	} {
		require.Equal(t, want, terrascale.ShutsOut(networks, address), address)
	}
}

func TestOwnNetwork(t *testing.T) {
	require.Equal(t, "203.0.113.9/32", terrascale.OwnNetwork("203.0.113.9"))
	require.Equal(t, "203.0.113.9/32", terrascale.OwnNetwork("::ffff:203.0.113.9"))
	require.Equal(t, "2001:db8::1/128", terrascale.OwnNetwork("2001:db8:0::1"))
	for _, unknown := range []string{"", "unknown"} {
		require.Equal(t, unknown, terrascale.OwnNetwork(unknown))
	}
}
