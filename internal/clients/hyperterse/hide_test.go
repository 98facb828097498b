// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

func TestHideIsOneLine(t *testing.T) {
	hidden := []secret.String{secret.New("hush-4711-and-more"), secret.New("long")}
	require.Equal(t, "dial (redacted): refused", hyperterse.Hide("dial\n\thush-4711-and-more:  refused", hidden))
	require.Equal(t, secret.LeftOut, hyperterse.Hide("no longer\nthere", hidden))
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
