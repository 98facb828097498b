// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

// TestGuideHoldsEveryRule holds that each rule has a section with all of its words.
func TestGuideHoldsEveryRule(t *testing.T) {
	text, err := guide()
	require.NoError(t, err)
	for _, rule := range policy.Rules() {
		_, section, found := strings.Cut(text, "\n## "+rule.Name+"\n")
		require.True(t, found, rule.Name)
		section, _, _ = strings.Cut(section, "\n## ")
		for _, words := range []string{rule.Sees, rule.Why, rule.Environments, rule.Instead, rule.Example} {
			require.Contains(t, section, words, rule.Name)
		}
	}
	require.NotContains(t, text, "{{ .", "nothing is left of the template")
	require.NotContains(t, text, "\n\n\n")
}
