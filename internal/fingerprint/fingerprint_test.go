// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package fingerprint_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/fingerprint"
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

	content, err := json.Marshal(first)
	require.NoError(t, err)
	require.NotContains(t, string(content), "digest")
	var read fingerprint.Fingerprint
	require.NoError(t, json.Unmarshal(content, &read))
	require.True(t, read.Is("digest"))
}
