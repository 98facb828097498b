// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package fingerprint_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret/fingerprint"
)

func TestAFingerprintKnowsItsOwn(t *testing.T) {
	first, second := fingerprint.New("digest"), fingerprint.New("digest")
	require.NotEqual(t, first, second, "each has a salt of its own")
	require.True(t, first.Is("digest"))
	require.True(t, second.Is("digest"))
	require.False(t, first.Is("another"))
	require.False(t, first.Is(""))
	require.Nil(t, fingerprint.New(""))
	require.False(t, (*fingerprint.Fingerprint)(nil).Is("digest"))

	require.NotContains(t, first.Text(), "digest")
	require.True(t, fingerprint.Parse(first.Text()).Is("digest"))
	require.Equal(t, first, fingerprint.Parse(first.Text()))
	require.Empty(t, fingerprint.Parse("").Text())
	for _, other := range []string{"", "not base64!", first.Text()[1:], first.Text() + "A"} {
		require.Nil(t, fingerprint.Parse(other), other)
	}
}
