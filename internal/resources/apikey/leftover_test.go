// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

func TestOnlyWhatNobodyUsesMayBeLeftOver(t *testing.T) {
	passed := made
	current := terrascale.APIKey{ID: "key_1", Name: "a", Scopes: []string{"database:read", "repository:read"}}
	like := func(id string, change func(*terrascale.APIKey)) terrascale.APIKey {
		key := current
		key.ID, key.CreatedAt = id, made
		change(&key)
		return key
	}
	state := existing()
	state.Previous = state.asPrevious(&passed)
	current.ID = "key_2"
	for name, test := range map[string]struct {
		other terrascale.APIKey
		named bool
	}{
		"a twin":          {like("key_9", func(*terrascale.APIKey) {}), true},
		"in other order":  {like("key_9", func(k *terrascale.APIKey) { k.Scopes = []string{"repository:read", "database:read"} }), true},
		"the current one": {like("key_2", func(*terrascale.APIKey) {}), false},
		"the previous":    {like("key_1", func(*terrascale.APIKey) {}), false},
		"in use":          {like("key_9", func(k *terrascale.APIKey) { k.LastUsedAt = &passed }), false},
		"revoked":         {like("key_9", func(k *terrascale.APIKey) { k.Revoked = true }), false},
		"expired":         {like("key_9", func(k *terrascale.APIKey) { k.ExpiresAt = &passed }), false},
		"another name":    {like("key_9", func(k *terrascale.APIKey) { k.Name = "b" }), false},
		"other scopes":    {like("key_9", func(k *terrascale.APIKey) { k.Scopes = []string{"*"} }), false},
	} {
		t.Run(name, func(t *testing.T) {
			diagnostics := state.leftovers(current, []terrascale.APIKey{current, test.other}, made)
			if !test.named {
				require.Empty(t, diagnostics)
				return
			}
			require.Len(t, diagnostics, 1)
			require.Contains(t, diagnostics[0].Detail(), "never used: key_9 (created 2030-01-01T00:00:00Z).")
		})
	}
}
