// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package secret_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

func TestHideFindsEverySpelling(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		password := rapid.StringMatching(`Q[ -~é雪]{10,20}7Z`).Draw(r, "password")
		encoded, err := json.Marshal(password)
		require.NoError(r, err)
		inJSON := strings.TrimSuffix(strings.TrimPrefix(string(encoded), `"`), `"`)
		quoted := fmt.Sprintf("%q", password)
		for _, spelling := range []string{
			password, url.QueryEscape(password), url.PathEscape(password), strings.ReplaceAll(url.QueryEscape(password), "+", "%20"),
			url.UserPassword("", password).String()[1:], quoted[1 : len(quoted)-1], inJSON, html.EscapeString(password), html.EscapeString(inJSON),
			strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(password), strings.ReplaceAll(password, "'", "''"),
		} {
			require.Equal(r, "dial (redacted): refused", secret.Hide("dial "+spelling+": refused", secret.New(password)), spelling)
		}
	})
	require.Equal(t, "a (redacted) b", secret.Hide("a token-4711-and-more b", secret.New("token-4711-and"), secret.New("token-4711-and-more"), secret.New("")))
}

// What a message says without the secret is known to anybody. So no text may say where in it a secret stood that its own words can be.
func TestAShortPasswordDoesNotShowByItsGaps(t *testing.T) {
	const message = `ERROR: permission denied for table orders, user "admin": near "select * from public.orders" at db-1.example.com:5432`
	for _, password := range []string{"a", "ab", "e", "or", "select", "orders", "password", "admin", "postgres", "public.orders", "example.com", "5432", "permission denied"} {
		said := secret.Hide(message, secret.New("a-Long-0ne-that-is-not-there"), secret.New(password))
		require.NotContains(t, said, secret.Redacted, password)
		require.Contains(t, []string{message, secret.LeftOut}, said, password)
		require.Equal(t, strings.Contains(message, password), said == secret.LeftOut, password)
	}
	rapid.Check(t, func(r *rapid.T) {
		from := rapid.IntRange(0, len(message)-1).Draw(r, "from")
		part := message[from : from+rapid.IntRange(1, min(11, len(message)-from)).Draw(r, "length")]
		require.Equal(r, secret.LeftOut, secret.Hide(message, secret.New(part)))
	})
}

func TestHideErrorKeepsWhatItIs(t *testing.T) {
	refused := fmt.Errorf("dial admin: %w", &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)})
	hidden := secret.HideError(refused, secret.New("admin"))
	require.EqualError(t, hidden, secret.LeftOut+": connection refused")
	require.ErrorIs(t, hidden, syscall.ECONNREFUSED)
	require.EqualError(t, secret.HideError(fmt.Errorf("open 0ne-that-is-long: %w", fs.ErrExist), secret.New("0ne-that-is-long")), "open (redacted): file already exists")
	plain := errors.New("nothing in it")
	require.Equal(t, plain, secret.HideError(plain, secret.New("admin")))
	require.NoError(t, secret.HideError(nil, secret.New("admin")))
}
