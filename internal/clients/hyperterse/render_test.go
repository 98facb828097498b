// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
)

func TestRenderWritesWhatCreateWrites(t *testing.T) {
	cache := hyperterse.Adapter{Name: "cache", Connector: "redis", ConnectionString: "{{ env.REDIS_URL }}"}
	text, err := hyperterse.Render([]hyperterse.Adapter{users, cache})
	require.NoError(t, err)
	require.Equal(t, "adapters:\n  cache:\n    connector: redis\n    connection_string: '{{ env.REDIS_URL }}'\n"+inBlock, text)
	_, err = hyperterse.Render([]hyperterse.Adapter{users, cache, users})
	require.ErrorIs(t, err, hyperterse.ErrAdapterExists)
}

func TestWhatIsRenderedReadsBack(t *testing.T) {
	text := rapid.StringOfN(rapid.OneOf(
		rapid.RuneFrom([]rune("'\"\\#:{}[]&*!|>%@`,?- ~\n\r\t\u0085\u2028\ufeff\x00\x7f雪0")), rapid.Rune(),
	), 0, 12, -1)
	adapter := rapid.Custom(func(r *rapid.T) hyperterse.Adapter {
		return hyperterse.Adapter{
			Name:      rapid.OneOf(rapid.StringMatching(`[a-zA-Z][a-zA-Z0-9_-]{0,8}`), rapid.SampledFrom([]string{"true", "null", "y", "No", "on", "a-1"})).Draw(r, "name"),
			Connector: rapid.SampledFrom(hyperterse.Connectors).Draw(r, "connector"), ConnectionString: text.Draw(r, "connection string"),
			Options: rapid.MapOfN(rapid.OneOf(rapid.StringMatching(`[a-z_.]{1,8}`), text.Filter(func(s string) bool { return s != "" })), text, 0, 4).Draw(r, "options"),
		}
	})
	rapid.Check(t, func(r *rapid.T) {
		adapters := rapid.SliceOfNDistinct(adapter, 1, 5, func(a hyperterse.Adapter) string { return a.Name }).Draw(r, "adapters")
		rendered, err := hyperterse.Render(adapters)
		require.NoError(r, err)
		slices.Reverse(adapters)
		again, err := hyperterse.Render(adapters)
		require.NoError(r, err)
		require.Equal(r, rendered, again, "the order does not matter")

		var document map[string]map[string]map[string]any
		require.NoError(r, yaml.Unmarshal([]byte(rendered), &document))
		require.Len(r, document, 1)
		require.Len(r, document["adapters"], len(adapters))
		path := write(t, rendered)
		for _, want := range adapters {
			got, err := hyperterse.ConfigFile(path).Read(want.Name)
			require.NoError(r, err)
			if len(want.Options) == 0 {
				want.Options = nil
			}
			require.Equal(r, want, got)
			for key := range document["adapters"][want.Name] {
				require.Contains(r, []string{"connector", "connection_string", "options"}, key, "Hyperterse takes nothing else")
			}
		}
	})
}
