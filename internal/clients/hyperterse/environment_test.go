// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/joho/godotenv"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

func TestReferencesAreFilledAsGodotenvDoes(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".env")
	require.NoError(t, os.WriteFile(path, []byte("HYPERTERSE_A=file\nHYPERTERSE_B=\"x {{ env.HYPERTERSE_A }}\"\nexport HYPERTERSE_C='${HYPERTERSE_A}'\nHYPERTERSE_E=file\n"), 0o600))
	t.Setenv("HYPERTERSE_A", "process")
	t.Setenv("HYPERTERSE_E", "")
	environment, err := hyperterse.NewEnvironment(os.LookupEnv, path)
	require.NoError(t, err)
	for text, want := range map[string]string{
		"{{ env.HYPERTERSE_A }}":                            "process",
		"{{env.HYPERTERSE_B}}":                              "x {{ env.HYPERTERSE_A }}",
		"{{ env.HYPERTERSE_C }}/{{ env.HYPERTERSE_C }}":     "${HYPERTERSE_A}/${HYPERTERSE_A}",
		"a{{ env.HYPERTERSE_E }}b":                          "ab",
		"no reference, {{ env.not-one }} and {{ other.A }}": "no reference, {{ env.not-one }} and {{ other.A }}",
	} {
		filled, err := environment.Fill(text)
		require.NoError(t, err)
		require.Equal(t, want, filled.Reveal(), text)
	}
	_, err = environment.Fill("{{ env.HYPERTERSE_NOWHERE }}")
	var missing *hyperterse.MissingVariableError
	require.ErrorAs(t, err, &missing)
	require.Equal(t, "HYPERTERSE_NOWHERE", missing.Name)
	require.ElementsMatch(t, []string{"HYPERTERSE_A", "HYPERTERSE_B", "HYPERTERSE_C", "HYPERTERSE_E"}, slices.Collect(maps.Keys(environment.File())))

	// godotenv itself: what the process has stays.
	require.NoError(t, os.Unsetenv("HYPERTERSE_C"))
	require.NoError(t, godotenv.Load(path))
	t.Cleanup(func() {
		require.NoError(t, os.Unsetenv("HYPERTERSE_B"))
		require.NoError(t, os.Unsetenv("HYPERTERSE_C"))
	})
	for _, name := range []string{"HYPERTERSE_A", "HYPERTERSE_B", "HYPERTERSE_C", "HYPERTERSE_E"} {
		filled, err := environment.Fill(hyperterse.Reference(name))
		require.NoError(t, err)
		require.Equal(t, os.Getenv(name), filled.Reveal())
	}

	_, err = hyperterse.NewEnvironment(os.LookupEnv, path+".none")
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.NoError(t, os.WriteFile(path, []byte("hush-hush"), 0o600))
	_, err = hyperterse.NewEnvironment(os.LookupEnv, path)
	require.ErrorIs(t, err, hyperterse.ErrInvalidFile)
	require.NotContains(t, err.Error(), "hush")
}

func TestOptionsFollowTheConnectionStringAsTheGatewayWritesThem(t *testing.T) {
	options := map[string]string{"b": "x y", "a": "1"}
	for _, test := range []struct{ connector, text, want string }{
		{"postgres", "postgres://u:p%40@h/db", "postgres://u:p%40@h/db?a=1&b=x+y"},
		{"postgres", "postgresql://h/db?a=2&c=3", "postgresql://h/db?a=1&b=x+y&c=3"},
		{"postgres", "host=h", "host=h a=1 b=x y"},
		{"mysql", "u:p@tcp(h)/db", "u:p@tcp(h)/db?a=1&b=x y"},
		{"mysql", "u:p@tcp(h)/db?c=3", "u:p@tcp(h)/db?c=3&a=1&b=x y"},
		{"mysql", "mysql://u:p%40%2F@h/db?c=3", "u:p@/@tcp(h:3306)/db?a=1&b=x+y&c=3"},
		{"mysql", "mysql://h:3307/db", "@tcp(h:3307)/db?a=1&b=x+y"},
		{"redis", "redis://h?c=3", "redis://h?c=3"},
		{"mongodb", "mongodb://h:1,i:2/db?a=2", "mongodb://h:1,i:2/db?a=1&b=x+y"},
	} {
		got, err := hyperterse.DriverString(test.connector, secret.New(test.text), options)
		require.NoError(t, err)
		require.Equal(t, test.want, got.Reveal())
		without, err := hyperterse.DriverString(test.connector, secret.New("postgres://h/db?x=%20y&b"), nil)
		require.NoError(t, err)
		require.Equal(t, "postgres://h/db?x=%20y&b", without.Reveal(), "without options nothing is written anew")
	}
	_, err := hyperterse.DriverString("mysql", secret.New("mysql://u:hush\x7f@h"), nil)
	require.ErrorIs(t, err, hyperterse.ErrMalformed)
	require.NotContains(t, err.Error(), "hush")
}

func TestPostgresSettingsAreThoseOfTheDriver(t *testing.T) {
	variables := map[string]secret.String{"PGUSER": secret.New("env"), "PGPASSWORD": secret.New("env"), "OTHER": secret.New("x")}
	for text, want := range map[string]map[string]string{
		"postgres://u:p%40w@h:5433/d%20b?sslmode=require": {"user": "u", "password": "p@w", "host": "h", "port": "5433", "dbname": "d b", "sslmode": "require"},
		"postgres:///db?host=/run/pg":                     {"user": "env", "password": "env", "host": "/run/pg", "dbname": "db"},
		"postgres://[::1]:5432":                           {"user": "env", "password": "env", "host": "::1", "port": "5432"},
		`user = 'a b' password='it\'s' host=h`:            {"user": "a b", "password": "it's", "host": "h"},
	} {
		settings, err := hyperterse.PostgresSettings(secret.New(text), variables)
		require.NoError(t, err)
		got := map[string]string{}
		for keyword, value := range settings {
			got[keyword] = value.Reveal()
		}
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"postgres://u:hu%zzsh@h", "host=h password='hush"} {
		_, err := hyperterse.PostgresSettings(secret.New(text), nil)
		require.ErrorIs(t, err, hyperterse.ErrMalformed)
		require.NotContains(t, err.Error(), "hush")
	}
}

func TestWhatIsFilledInIsCheckedWithoutQuotingIt(t *testing.T) {
	for connector, text := range map[string]string{
		"postgres": "postgres://u:hu#sh@h/db", "mysql": "hush", "redis": "http://hush@h", "mongodb": "mongodb://u:hu%sh@h", "": "hush",
	} {
		err := hyperterse.CheckFilled(connector, secret.New(text))
		require.ErrorIs(t, err, hyperterse.ErrMalformed, connector)
		require.NotContains(t, err.Error(), "sh@")
		require.NotContains(t, err.Error(), "hush")
	}
	require.ErrorIs(t, hyperterse.CheckFilled("redis", secret.String{}), hyperterse.ErrMalformed)
	require.NoError(t, hyperterse.CheckFilled("redis", secret.New("redis://h")))
}

func TestMayBeUnescaped(t *testing.T) {
	for text, want := range map[string]bool{
		"postgres://u:p@ss/w1@localhost:5432/db":       true,
		"postgres://u:p@ss?w1@localhost:5432/db":       true,
		"postgres://u:p@ss#w1@localhost":               true,
		"rediss://:p@1/w@h/0":                          true,
		"mysql://u:p@ss/w@h/db":                        true,
		"postgres://u:p@s@h/db":                        false,
		"postgres://u:p%40ss%2Fw@h/db?user=me@example": false,
		"postgres://u@h":                               false,
		"u:p@ss/w@tcp(h)/db":                           false,
		"host=h password=p@ss/w@h":                     false,
	} {
		require.Equal(t, want, hyperterse.MayBeUnescaped(secret.New(text)), text)
	}
}
