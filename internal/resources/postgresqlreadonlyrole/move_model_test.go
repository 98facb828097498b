// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMovedRoleIsReadFromAnyFormOfItsState(t *testing.T) {
	at := time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)
	for text, want := range map[string]*time.Time{
		"": nil, "infinity": nil, "tomorrow": nil,
		"2040-01-01T00:00:00Z": &at, "2040-01-01T02:00:00+02:00": &at,
		"2040-01-01 00:00:00+00": &at, "2040-01-01 05:30:00+05:30": &at, "2039-12-31 21:00:00.000-03": &at,
	} {
		got := movedRole{ValidUntil: text}.validUntil()
		if want == nil {
			require.Nil(t, got, text)
			continue
		}
		require.NotNil(t, got, text)
		require.True(t, want.Equal(*got), text)
	}
	for text, want := range map[string]bool{
		"hunter2": false, "md5": false, "md5 is broken": false, "md5d41d8cd98f00b204e9800998ecf8427e": true,
		"SCRAM-SHA-256$4096:c2FsdA==$a:b": true, "SCRAM-SHA-256": false,
	} {
		require.Equal(t, want, isVerifier(text), text)
	}
	require.True(t, movedRole{PasswordWOVersion: "2026-11"}.model(t.Context()).PasswordWOVersion.IsNull(), "not a whole number")
	require.True(t, movedRole{Name: "group"}.model(t.Context()).Username.IsNull(), "it does not log in")
	require.Equal(t, []string{"BYPASSRLS", "CREATEDB", "CREATEROLE", "REPLICATION", "SUPERUSER", "membership in a"}, movedRole{
		Superuser: true, CreateRole: true, CreateDatabase: true, Replication: true, BypassRowLevelSecurity: true, Roles: []string{"a"},
	}.excess())
}
