// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package ipallowlist

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

func list(enabled bool, entries ...terrascale.IPAllowlistEntry) terrascale.IPAllowlist {
	return terrascale.IPAllowlist{Enabled: enabled, Entries: entries}
}

func listed(cidr, description string) terrascale.IPAllowlistEntry {
	return terrascale.IPAllowlistEntry{CIDR: cidr, Description: description}
}

func TestContentComparesByValue(t *testing.T) {
	one := list(true, listed("2001:db8::/32", ""), listed("10.0.0.1/32", "a"))
	require.True(t, sameContent(one, list(true, listed("10.0.0.1", "a"), listed("2001:DB8:0::/32", ""))))
	for _, other := range []terrascale.IPAllowlist{
		list(false, one.Entries...),
		list(true, one.Entries[0]),
		list(true, listed("2001:db8::/32", ""), listed("10.0.0.1/32", "b")),
		list(true, append(one.Entries, listed("10.0.0.2/32", ""))...),
	} {
		require.False(t, sameContent(one, other), "%v", other)
	}
}

func TestDifferencesAreNamed(t *testing.T) {
	before := list(true, listed("10.0.0.0/24", "office"), listed("10.0.1.0/24", "old"), listed("10.0.2.0/24", ""))
	after := list(false, listed("10.0.0.0/24", "lab"), listed("10.0.2.0/24", ""), listed("10.0.3.0/24", "new"))
	require.Equal(t, []string{
		`description of 10.0.0.0/24 changed to "lab"`, `added 10.0.3.0/24 ("new")`, `removed 10.0.1.0/24 ("old")`, "disabled",
	}, differences(before, after))
	require.Empty(t, differences(before, before))
	require.Equal(t, []string{"enabled"}, differences(list(false), list(true)))
}
