// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package recipients_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"io"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"filippo.io/age/armor"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/recipients"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

func decrypt(t *testing.T, text string, identity age.Identity) string {
	t.Helper()
	reader, err := age.Decrypt(armor.NewReader(strings.NewReader(text)), identity)
	require.NoError(t, err)
	clear, err := io.ReadAll(reader)
	require.NoError(t, err)
	return string(clear)
}

func TestEachRecipientReads(t *testing.T) {
	native, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	sshPublic, err := ssh.NewPublicKey(public)
	require.NoError(t, err)
	sshIdentity, err := agessh.NewEd25519Identity(private)
	require.NoError(t, err)

	const clear = "hunter2"
	text, err := recipients.Encrypt(secret.New(clear),
		[]string{native.Recipient().String(), string(ssh.MarshalAuthorizedKey(sshPublic))})
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(text, "-----BEGIN AGE ENCRYPTED FILE-----\n"))
	require.NotContains(t, text, clear)
	require.Equal(t, clear, decrypt(t, text, native))
	require.Equal(t, clear, decrypt(t, text, sshIdentity))

	hybrid, err := age.GenerateHybridIdentity()
	require.NoError(t, err)
	text, err = recipients.Encrypt(secret.New(clear), []string{hybrid.Recipient().String()})
	require.NoError(t, err)
	require.Equal(t, clear, decrypt(t, text, hybrid))
}

func TestParseRefuses(t *testing.T) {
	native, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	for name, test := range map[string]struct{ text, want string }{
		"nothing":           {"", "age1"},
		"a word":            {"alice", "age1"},
		"a mistyped one":    {"age1qqqq", "not an age recipient"},
		"a mistyped ssh":    {"ssh-ed25519 AAAA", "ssh-ed25519 or ssh-rsa"},
		"a private key":     {native.String(), "private key"},
		"a private ssh":     {"-----BEGIN OPENSSH PRIVATE KEY-----\nx", "private key"},
		"a mistyped hybrid": {"age1pq1qqqq", "not an age recipient"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := recipients.Parse(test.text)
			require.ErrorIs(t, err, recipients.ErrInvalid)
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), native.String())
			_, err = recipients.Encrypt(secret.New("x"), []string{test.text})
			require.ErrorIs(t, err, recipients.ErrInvalid)
		})
	}
}
