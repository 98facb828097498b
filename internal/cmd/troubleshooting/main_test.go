// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic/catalogue"
)

// TestGuideHoldsEveryEntry holds that each entry has a section with all of its words, in its topic.
func TestGuideHoldsEveryEntry(t *testing.T) {
	text, err := guide()
	require.NoError(t, err)
	for _, topic := range catalogue.Topics() {
		require.Contains(t, text, "- ["+topic.Title+"](#"+anchor(topic.Title)+")\n")
		_, part, found := strings.Cut(text, "\n## "+topic.Title+"\n")
		require.True(t, found, topic.Title)
		part, _, _ = strings.Cut(part, "\n## ")
		require.Contains(t, part, topic.About)
		for _, entry := range topic.Entries {
			_, section, found := strings.Cut(part, "\n### "+entry.Summary+"\n")
			require.True(t, found, entry.Summary)
			section, _, _ = strings.Cut(section, "\n#")
			require.Equal(t, "\n"+entry.Means+"\n\n"+entry.Do+"\n", section)
		}
	}
	require.NotContains(t, text, "{{ .", "nothing is left of the template")
	require.NotContains(t, text, "\n\n\n")
}
