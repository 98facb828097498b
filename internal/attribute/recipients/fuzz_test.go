// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package recipients_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/recipients"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

const (
	// fuzzClear is what the ciphertexts below hold, and fuzzIdentity who can read them.
	fuzzClear    = "CANARY-5e1f"
	fuzzIdentity = "AGE-SECRET-KEY-16FQNYRC7MFCZ660Y79Z9W4Y4AG9HLY7ZWANFNK40YUHWS9ZL4VKQ5WADRU"
)

// identityOfFuzz is an identity that is the same in each process, so that stored ciphertexts stay readable.
func identityOfFuzz(f *testing.F) *age.X25519Identity {
	f.Helper()
	identity, err := age.ParseX25519Identity(fuzzIdentity)
	require.NoError(f, err)
	return identity
}

// A ciphertext that was changed gives an error or the very secret, never another text, and no error quotes the secret or the identity.
func FuzzDecrypt(f *testing.F) {
	identity := identityOfFuzz(f)
	text, err := recipients.Encrypt(secret.New(fuzzClear), []string{identity.Recipient().String()})
	require.NoError(f, err)
	f.Add(text, identity.String())
	f.Add(strings.ReplaceAll(text, "\n", "\r\n"), "# a file\n"+identity.String()+"\n")
	f.Add(text[:len(text)/2], identity.String())
	f.Add(strings.Replace(text, "A", "B", 1), identity.String())
	f.Add("-----BEGIN AGE ENCRYPTED FILE-----\n-----END AGE ENCRYPTED FILE-----\n", identity.String())
	f.Add("", "")
	f.Add(fuzzClear, "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----")
	f.Add(text, "age1qqq")
	f.Add("age-encryption.org/v1\n-> scrypt bBjlhJVYZeE4aqUdmtRHfw 30\n", identity.String())
	f.Fuzz(func(t *testing.T, ciphertext, given string) {
		got, err := recipients.Decrypt(ciphertext, given)
		if err == nil {
			require.Contains(t, given, "KEY", "something was read without a key")
			if strings.Contains(given, identity.String()) && ciphertext == text {
				require.Equal(t, fuzzClear, got.Reveal())
			}
			return
		}
		require.True(t, errors.Is(err, recipients.ErrInvalidIdentity) || errors.Is(err, recipients.ErrNotReadable) || errors.Is(err, recipients.ErrInvalidCiphertext), "%v", err)
		require.Empty(t, got.Reveal())
		require.NotContains(t, err.Error(), fuzzClear)
		require.Less(t, len(err.Error()), 300, "nothing is quoted at length")
		for line := range strings.Lines(given) {
			if line = strings.TrimSpace(line); len(line) > 24 && !strings.HasPrefix(line, "-----BEGIN ") {
				require.NotContains(t, err.Error(), line)
			}
		}
	})
}

// Each byte of a ciphertext counts: a change at any place gives an error, or no change at all.
func FuzzChangedCiphertext(f *testing.F) {
	identity := identityOfFuzz(f)
	for place := range 12 {
		f.Add(fuzzClear, place*40, byte(place+1))
	}
	f.Add("", 300, byte(1))
	f.Add("\x00\xff ü\n", 7, byte(32))
	f.Fuzz(func(t *testing.T, clear string, place int, flip byte) {
		if len(clear) > 1<<10 {
			return
		}
		text, err := recipients.Encrypt(secret.New(clear), []string{identity.Recipient().String()})
		require.NoError(t, err)
		require.False(t, len(clear) > 6 && strings.Contains(text, clear), "in clear")
		got, err := recipients.Decrypt(text, identity.String())
		require.NoError(t, err)
		require.Equal(t, clear, got.Reveal())
		changed := []byte(text)
		changed[uint(place)%uint(len(changed))] ^= flip
		got, err = recipients.Decrypt(string(changed), identity.String())
		if err == nil {
			require.Equal(t, clear, got.Reveal(), "changed at %d", place)
			return
		}
		require.False(t, bytes.Equal(changed, []byte(text)), "%v", err)
		require.False(t, len(clear) > 6 && strings.Contains(err.Error(), clear))
	})
}

// A recipient that is taken encrypts, and what is no recipient is refused without quoting a private key, wherever in the text it stands.
func FuzzRecipient(f *testing.F) {
	identity := identityOfFuzz(f)
	for _, text := range []string{
		identity.Recipient().String(), " " + identity.Recipient().String() + "\n", identity.String(), strings.ToLower(identity.String()), "age1", "age1pq1", "ssh-ed25519 AAAA", "ssh-rsa x y",
		"-----BEGIN OPENSSH PRIVATE KEY-----", "# public key: age1x\n" + identity.String(), "age1x\n" + identity.String(), "ssh-ed25519 x\n" + identity.String(), "",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, err := recipients.Parse(text)
		if err != nil {
			require.ErrorIs(t, err, recipients.ErrInvalid)
			require.NotContains(t, strings.ToUpper(err.Error()), identity.String()[:30], "%q", text)
			return
		}
		ciphertext, err := recipients.Encrypt(secret.New(fuzzClear), []string{text})
		require.NoError(t, err)
		require.NotContains(t, ciphertext, fuzzClear)
		require.True(t, strings.HasPrefix(ciphertext, "-----BEGIN AGE ENCRYPTED FILE-----"))
	})
}
