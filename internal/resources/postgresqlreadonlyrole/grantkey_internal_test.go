// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestGrantKeysAreReadAsInSQL(t *testing.T) {
	for key, want := range map[string]schemaName{
		`app.public`:            {"app", "public"},
		`App.Reporting 2`:       {"App", "Reporting 2"},
		`"my.db".public`:        {"my.db", "public"},
		`"app"."public"`:        {"app", "public"},
		`app."a""b"`:            {"app", `a"b`},
		`"".""`:                 {"", ""},
		`"a""".x`:               {`a"`, "x"},
		`Datenbank-ä.schéma$1 `: {"Datenbank-ä", "schéma$1 "},
	} {
		got, err := parseGrantKey(key)
		require.NoError(t, err, key)
		require.Equal(t, want, got, key)
	}
	for _, key := range []string{``, `app`, `app.public.users`, `"app`, `"app"x.public`, `app."public`, `a"b.c`, `app.pub"lic`, `"app" .public`} {
		_, err := parseGrantKey(key)
		require.ErrorIs(t, err, errGrantKey, key)
	}
}

func TestGrantKeysComeBackAsTheyWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := schemaName{rapid.String().Draw(t, "database"), rapid.String().Draw(t, "schema")}
		got, err := parseGrantKey(name.key())
		require.NoError(t, err)
		require.Equal(t, name, got)
	})
}
