// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package collections_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/collections"
)

func TestTextsComeBackAsTheyWere(t *testing.T) {
	texts := []string{"b", "a", ""}
	require.Equal(t, texts, collections.Texts(collections.TextList(texts)))
	require.Equal(t, texts, collections.Texts(collections.TextSet(texts)))
	require.True(t, collections.TextSet(nil).IsNull())
	require.False(t, collections.TextSet([]string{}).IsNull())
	require.False(t, collections.TextList(nil).IsNull())
}

func TestWhatIsNotKnownGivesNoTexts(t *testing.T) {
	require.Empty(t, collections.Texts(types.ListNull(types.StringType)))
	require.Empty(t, collections.Texts(types.SetUnknown(types.StringType)))
}
