// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// The answers are those of libcrypt's crypt(3), the first two also of the algorithm's specification.
func TestSHA256CryptKnownAnswers(t *testing.T) {
	for _, test := range []struct {
		password, salt string
		rounds         int
		want           string
	}{
		{"Hello world!", "saltstring", 5000, "5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"},
		{"Hello world!", "saltstringsaltst", 10000, "3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA"},
		{"", "abc", 5000, "bBHLwRRW2Li0XKaX13kz/g2fkDil4Jx46aNvd.48MS8"},
		{strings.Repeat("a", 70), "0123456789abcdef", 5000, "X6Sxoeo85Sv.Uw1p6PhssXp.SDurT6SG1dRqDVlMDs4"},
		{"ünï", "xyz", 5000, "MIyLgrP3Nt0dZ9eLGzwQlZwpdnhqSqLiMSD3s.129N/"},
	} {
		require.Equal(t, test.want, sha256Crypt(test.password, test.salt, test.rounds), test.password)
	}
}

// What a MySQL 8 server keeps of the password foobar, as HEX(authentication_string) shows it.
const keptByMySQL = "24412430303524031A69251C34295C4B35167C7F1E5A7B63091349503974624D34504B5A424679354856336868686F52485A736E4A733368786E427575516C73446469496537"

func TestVerifiersAreThoseOfTheServers(t *testing.T) {
	kept, err := hex.DecodeString(keptByMySQL)
	require.NoError(t, err)
	require.Equal(t, string(kept), sha2Verifier(secret.New("foobar"), string(kept[7:27])).Reveal())
	require.Equal(t, "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19", nativeVerifier(secret.New("password")).Reveal())
}

func TestAVerifierIsNewEachTimeAndHidden(t *testing.T) {
	one, other := newVerifier(false, secret.New("foobar")), newVerifier(false, secret.New("foobar"))
	require.Regexp(t, `^\$A\$005\$[A-Za-z0-9]{20}[A-Za-z0-9./]{43}$`, one.text.Reveal())
	require.NotEqual(t, one.text.Reveal(), other.text.Reveal(), "each has a salt of its own")
	require.NotContains(t, fmt.Sprintf("%v %+v", one, &other), "$A$")
	require.Equal(t, "mysql_native_password", newVerifier(true, secret.New("foobar")).plugin)
}
