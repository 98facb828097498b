// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

func TestHideFindsEverySpelling(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		password := rapid.StringMatching(`Q[ -~é雪]{3,20}Z`).Draw(r, "password")
		encoded, err := json.Marshal(password)
		require.NoError(r, err)
		for _, spelling := range []string{
			password, url.QueryEscape(password), url.PathEscape(password), strings.ReplaceAll(url.QueryEscape(password), "+", "%20"),
			url.UserPassword("", password).String()[1:], strings.Trim(fmt.Sprintf("%q", password), `"`), strings.Trim(string(encoded), `"`),
			strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(password), strings.ReplaceAll(password, "'", "''"),
		} {
			require.Equal(r, "dial (redacted): refused", hyperterse.Hide("dial\n\t"+spelling+":  refused", []secret.String{secret.New(password)}), spelling)
		}
	})
	require.Equal(t, "a (redacted) b", hyperterse.Hide("a longer-one b", []secret.String{secret.New("long"), secret.New("longer-one"), secret.New("")}))
}

func TestSecretsOfAFilledConnectionString(t *testing.T) {
	for _, test := range []struct {
		connector, text string
		want            []string
	}{
		{"postgres", "postgres://u:p%40w@h/db?sslpassword=x", []string{"p@w", "p%40w", "x"}},
		{"postgres", `host=h password='a \' b'`, []string{"a ' b"}},
		{"mysql", "u:p@:w@tcp(h)/db", []string{"p@:w"}},
		{"redis", "redis://:pw@h", []string{"pw"}},
		{"mongodb", "mongodb://u:pw@h,i/db", []string{"pw"}},
		{"redis", "nonsense", nil},
	} {
		var found []string
		for _, hidden := range hyperterse.Secrets(test.connector, secret.New(test.text)) {
			found = append(found, hidden.Reveal())
		}
		require.ElementsMatch(t, append(test.want, test.text), found, test.text)
	}
}
