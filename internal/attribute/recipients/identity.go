// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package recipients

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"filippo.io/age/armor"
	"golang.org/x/crypto/ssh"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

var (
	// ErrInvalidIdentity says that a text is no identity: the private half of a recipient.
	ErrInvalidIdentity = errors.New("not an age identity")
	// ErrNotReadable says that no identity given is one of a ciphertext's recipients.
	ErrNotReadable = errors.New("the secret was encrypted to others than this identity")
	// ErrInvalidCiphertext says that a text is no ciphertext, or was changed since it was made.
	ErrInvalidCiphertext = errors.New("not an armored age ciphertext")
)

// longest is more than any secret that the provider keeps.
const longest = 1 << 20

// Decrypt reads what Encrypt wrote. The identity is a text of AGE-SECRET-KEY-1… lines, as age-keygen writes it to a file, or an SSH
// private key without a passphrase. No error quotes either text.
func Decrypt(ciphertext, identity string) (secret.String, error) {
	identities, err := parseIdentity(identity)
	if err != nil {
		return secret.String{}, err
	}
	armored := armor.NewReader(strings.NewReader(ciphertext))
	clear, err := age.Decrypt(armored, identities...)
	var noMatch *age.NoIdentityMatchError
	switch {
	case errors.As(err, &noMatch):
		return secret.String{}, ErrNotReadable
	case err != nil:
		return secret.String{}, fmt.Errorf("%w: pass password_encrypted or secret_encrypted, from -----BEGIN AGE ENCRYPTED FILE----- on",
			ErrInvalidCiphertext)
	}
	content, err := io.ReadAll(io.LimitReader(clear, longest+1))
	if err != nil || len(content) > longest {
		return secret.String{}, fmt.Errorf("%w: it was changed since it was made", ErrInvalidCiphertext)
	}
	return secret.New(string(content)), nil
}

func parseIdentity(text string) ([]age.Identity, error) {
	if strings.Contains(text, "PRIVATE KEY-----") {
		identity, err := agessh.ParseIdentity([]byte(strings.TrimSpace(text) + "\n"))
		var encrypted *ssh.PassphraseMissingError
		switch {
		case errors.As(err, &encrypted):
			return nil, fmt.Errorf("%w: the SSH key has a passphrase: pass one without, or an age identity", ErrInvalidIdentity)
		case err != nil:
			return nil, fmt.Errorf("%w: pass an ssh-ed25519 or ssh-rsa private key", ErrInvalidIdentity)
		}
		return []age.Identity{identity}, nil
	}
	var lines bytes.Buffer
	for line := range strings.Lines(text) {
		lines.WriteString(strings.TrimSpace(line) + "\n")
	}
	identities, err := age.ParseIdentities(&lines)
	switch {
	case err == nil:
		return identities, nil
	case strings.HasPrefix(strings.TrimSpace(text), "age1"), strings.HasPrefix(strings.TrimSpace(text), "ssh-"):
		return nil, fmt.Errorf("%w: it is a recipient, the public half: pass the private one, AGE-SECRET-KEY-1…", ErrInvalidIdentity)
	default: // The library's error may quote the text.
		return nil, fmt.Errorf("%w: pass AGE-SECRET-KEY-1…, or an SSH private key", ErrInvalidIdentity)
	}
}
