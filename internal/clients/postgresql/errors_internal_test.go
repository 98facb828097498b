// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

func TestAServersWordsHoldNoSecret(t *testing.T) {
	verifier, err := NewVerifier(secret.New("whatever"))
	require.NoError(t, err)
	said := func(hidden string) error {
		quoted := fmt.Sprintf(`near "ALTER ROLE a PASSWORD '%s'"`, hidden)
		return fmt.Errorf("alter role a: %w", &pgconn.PgError{Severity: "ERROR", Code: "28P01", Message: quoted, Detail: quoted, Hint: quoted, Where: quoted})
	}
	for name, without := range map[string]error{
		"a password": withoutSecret(said("0ne-that-is-long"), secret.New("0ne-that-is-long")),
		"a verifier": withoutVerifiers(said(verifier.Reveal())),
	} {
		explained := Explain(without)
		require.NotContains(t, explained, "0ne-that", name)
		require.NotContains(t, explained, "SCRAM", name)
		require.Contains(t, explained, "\nDetail: near", name)
		require.Contains(t, explained, secret.Redacted, name)
		require.Equal(t, "28P01", serverError(without).Code, name)
	}
	for _, weak := range []string{"a", "ROLE", "near", "x"} {
		without := withoutSecret(said(weak), secret.New(weak))
		require.NotContains(t, Explain(without), secret.Redacted)
		require.NotContains(t, Explain(without), "near")
		require.NotNil(t, serverError(without))
	}
	plain := errors.New("nothing of it")
	require.Equal(t, plain, withoutVerifiers(withoutSecret(plain, secret.New("0ne-that-is-long"))))
	require.NoError(t, withoutSecret(nil, secret.New("a")))
	require.NoError(t, withoutVerifiers(nil))
}

// A password that is the user's name, too: what is known of a connection anyway must not have a gap for it.
func TestAPasswordThatIsAName(t *testing.T) {
	server := NewServer(Config{Host: "127.0.0.1", Port: 1, Username: "postgres", Password: secret.New("postgres"), SSLMode: "require"})
	t.Cleanup(server.Close)
	_, err := server.acquire(t.Context(), "postgres")
	require.EqualError(t, err, "connect to database postgres: "+secret.LeftOut+": connection refused")
}
