// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package fingerprint tells whether a secret is what it was, without keeping it: a salted sum of a digest of it.
package fingerprint

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
)

// size is enough to tell one secret from another; the state is rewritten with each resource, so that it is kept small.
const size = 16

// Fingerprint is what is kept. A nil one is of something that is not known.
type Fingerprint struct {
	Salt []byte `json:"salt"`
	Sum  []byte `json:"sum"`
}

// New gives nil for the empty digest, which stands for what is not known.
func New(digest string) *Fingerprint {
	if digest == "" {
		return nil
	}
	salt := make([]byte, size)
	_, _ = rand.Read(salt) // It never fails.
	return &Fingerprint{Salt: salt, Sum: sum(salt, digest)}
}

// Is reports whether the digest is the one that the fingerprint was made of.
func (f *Fingerprint) Is(digest string) bool {
	return f != nil && hmac.Equal(f.Sum, sum(f.Salt, digest))
}

func sum(salt []byte, digest string) []byte {
	code := hmac.New(sha256.New, salt)
	_, _ = code.Write([]byte(digest)) // It never fails.
	return code.Sum(nil)[:size]
}
