// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A key of grants that is taken is of one schema, which has one canonical key; any two names make a key that is read back.
func FuzzGrantKey(f *testing.F) {
	for _, key := range []string{
		`app.public`, `"my.db".public`, `"app"."public"`, `app."a""b"`, `"".""`, `"a""".x`, ``, `app`, `app.public.users`, `"app`, `"app"x.public`, `a"b.c`, `"app" .public`, `.`, `a.`, `.b`, "\xff.\x00",
	} {
		f.Add(key, "other")
	}
	f.Fuzz(func(t *testing.T, key, other string) {
		made := schemaName{key, other}
		got, err := parseGrantKey(made.key())
		require.NoError(t, err)
		require.Equal(t, made, got)

		read, err := parseGrantKey(key)
		if err != nil {
			require.ErrorIs(t, err, errGrantKey)
			require.Zero(t, read)
			return
		}
		again, err := parseGrantKey(read.key())
		require.NoError(t, err)
		require.Equal(t, read, again, "%q", key)
		require.LessOrEqual(t, len(read.database)+len(read.schema)+1, len(key), "nothing is in a name that is not in its key")
		require.LessOrEqual(t, len(read.key()), len(key)+4, "%q", key)
	})
}
