// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package fingerprint tells whether a secret is what it was, without keeping it: a salted sum of a digest of it.
package fingerprint

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// size is enough to tell one secret from another; the state is rewritten with each resource, so that it is kept small.
const size = 16

// Fingerprint is what is kept. A nil one is of something that is not known.
type Fingerprint struct{ salt, sum []byte }

// New gives nil for the empty digest, which stands for what is not known.
func New(digest string) *Fingerprint {
	if digest == "" {
		return nil
	}
	salt := make([]byte, size)
	_, _ = rand.Read(salt) // It never fails.
	return &Fingerprint{salt: salt, sum: sum(salt, digest)}
}

// Parse reads what Text gave. Any other text gives nil.
func Parse(text string) *Fingerprint {
	content, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil || len(content) != 2*size {
		return nil
	}
	return &Fingerprint{salt: content[:size], sum: content[size:]}
}

// Text gives the fingerprint as one line of text; a nil one is empty.
func (f *Fingerprint) Text() string {
	if f == nil {
		return ""
	}
	return base64.RawStdEncoding.EncodeToString(append(append([]byte{}, f.salt...), f.sum...))
}

// Is reports whether the digest is the one that the fingerprint was made of.
func (f *Fingerprint) Is(digest string) bool {
	return f != nil && hmac.Equal(f.sum, sum(f.salt, digest))
}

func sum(salt []byte, digest string) []byte {
	code := hmac.New(sha256.New, salt)
	_, _ = code.Write([]byte(digest)) // It never fails.
	return code.Sum(nil)[:size]
}
