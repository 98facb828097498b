// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// newID makes an identifier such as key_5f2c…: a prefix and 64 random bits in hexadecimal.
func newID(prefix string) string {
	random := make([]byte, 8)
	_, _ = rand.Read(random) // never fails: the runtime ends the process instead
	return prefix + hex.EncodeToString(random)
}

// newSecret makes a prefix followed by at least 128 random bits as letters and digits.
func newSecret(prefix string) string { return prefix + rand.Text() + strings.ToLower(rand.Text()) }

// digest is how a random secret is kept: its SHA-256 in hexadecimal. Too much entropy to need a salt.
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
