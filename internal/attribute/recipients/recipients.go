// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package recipients encrypts secrets to age recipients, so that a state holds ciphertext only.
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

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// ErrInvalid says that a text is no recipient.
var ErrInvalid = errors.New("not an age recipient")

// Parse reads a recipient: age1…, or an ssh-ed25519 or ssh-rsa public key. The error says what to write, and never quotes
// a text that may be a private key.
func Parse(text string) (age.Recipient, error) {
	text = strings.TrimSpace(text)
	switch {
	case strings.Contains(strings.ToUpper(text), "AGE-SECRET-KEY-"), strings.Contains(text, "PRIVATE KEY"):
		return nil, fmt.Errorf("%w: it is a private key, which nobody else should have seen: write the public one, and "+
			"consider this one leaked", ErrInvalid)
	case strings.HasPrefix(text, "ssh-"):
		recipient, err := agessh.ParseRecipient(text)
		if err != nil {
			return nil, fmt.Errorf("%w: %w: write an ssh-ed25519 or ssh-rsa public key", ErrInvalid, err)
		}
		return recipient, nil
	case strings.HasPrefix(text, "age1pq1"):
		recipient, err := age.ParseHybridRecipient(text)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		return recipient, nil
	case strings.HasPrefix(text, "age1"):
		recipient, err := age.ParseX25519Recipient(text)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		return recipient, nil
	default:
		return nil, fmt.Errorf("%w: write one that starts with age1, or an ssh-ed25519 or ssh-rsa public key", ErrInvalid)
	}
}

// Encrypt gives the armored ciphertext of a secret that each of the recipients can read.
func Encrypt(clear secret.String, texts []string) (string, error) {
	recipients := make([]age.Recipient, len(texts))
	for i, text := range texts {
		recipient, err := Parse(text)
		if err != nil {
			return "", err
		}
		recipients[i] = recipient
	}
	var output bytes.Buffer
	armored := armor.NewWriter(&output)
	encrypted, err := age.Encrypt(armored, recipients...)
	if err != nil {
		return "", fmt.Errorf("encrypt to the age recipients: %w", err)
	}
	_, writeErr := io.WriteString(encrypted, clear.Reveal())
	if err := errors.Join(writeErr, encrypted.Close(), armored.Close()); err != nil {
		return "", fmt.Errorf("encrypt to the age recipients: %w", err)
	}
	return output.String(), nil
}
