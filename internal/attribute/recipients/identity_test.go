// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package recipients_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/recipients"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// sshPair makes an SSH key pair; a passphrase protects the private half, unless it is empty.
func sshPair(t *testing.T, passphrase string) (public, private string) {
	t.Helper()
	publicKey, privateKey, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	sshPublic, err := ssh.NewPublicKey(publicKey)
	require.NoError(t, err)
	block, err := ssh.MarshalPrivateKey(privateKey, "")
	if passphrase != "" {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(privateKey, "", []byte(passphrase))
	}
	require.NoError(t, err)
	return string(ssh.MarshalAuthorizedKey(sshPublic)), string(pem.EncodeToMemory(block))
}

func TestDecryptReadsWhatEncryptWrote(t *testing.T) {
	const clear = "hunter2 ü\n"
	native, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	hybrid, err := age.GenerateHybridIdentity()
	require.NoError(t, err)
	other, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	public, private := sshPair(t, "")
	text, err := recipients.Encrypt(secret.New(clear), []string{native.Recipient().String(), public})
	require.NoError(t, err)
	quantum, err := recipients.Encrypt(secret.New(clear), []string{hybrid.Recipient().String()})
	require.NoError(t, err)
	for name, test := range map[string]struct{ ciphertext, identity string }{
		"the key alone":        {text, native.String()},
		"age-keygen's file":    {text, "# created: 2026-11-27T00:00:00Z\n# public key: " + native.Recipient().String() + "\n" + native.String() + "\n"},
		"Windows line ends":    {strings.ReplaceAll(text, "\n", "\r\n"), "# a\r\n" + native.String() + "\r\n"},
		"several keys":         {text, other.String() + "\n" + native.String()},
		"an SSH key":           {text, private},
		"a post-quantum key":   {quantum, hybrid.String()},
		"space around the key": {text, "\n  " + native.String() + "  \n"},
		"space around it":      {"\n" + text + "\n", native.String()},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := recipients.Decrypt(test.ciphertext, test.identity)
			require.NoError(t, err)
			require.Equal(t, clear, got.Reveal())
		})
	}
}

func TestDecryptRefuses(t *testing.T) {
	native, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	other, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	_, locked := sshPair(t, "hush")
	text, err := recipients.Encrypt(secret.New("hunter2"), []string{native.Recipient().String()})
	require.NoError(t, err)
	for name, test := range map[string]struct {
		ciphertext, identity string
		want                 error
		words                string
	}{
		"another identity":       {text, other.String(), recipients.ErrNotReadable, "others than this identity"},
		"a recipient":            {text, native.Recipient().String(), recipients.ErrInvalidIdentity, "public half"},
		"an empty identity":      {text, "", recipients.ErrInvalidIdentity, "AGE-SECRET-KEY-1"},
		"a mistyped identity":    {text, native.String()[:30], recipients.ErrInvalidIdentity, "AGE-SECRET-KEY-1"},
		"a locked SSH key":       {text, locked, recipients.ErrInvalidIdentity, "passphrase"},
		"a broken SSH key":       {text, "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----", recipients.ErrInvalidIdentity, "ssh-ed25519"},
		"no ciphertext":          {"hunter2", native.String(), recipients.ErrInvalidCiphertext, "BEGIN AGE ENCRYPTED FILE"},
		"an empty one":           {"", native.String(), recipients.ErrInvalidCiphertext, "BEGIN AGE ENCRYPTED FILE"},
		"one that was truncated": {text[:len(text)/2], native.String(), recipients.ErrInvalidCiphertext, "armored"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := recipients.Decrypt(test.ciphertext, test.identity)
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, test.words)
			for _, hidden := range []string{"hunter2", test.identity} {
				if len(hidden) > 3 {
					require.NotContains(t, err.Error(), hidden)
				}
			}
		})
	}
}
