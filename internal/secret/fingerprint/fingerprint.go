// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package fingerprint tells whether a secret is what it was, without keeping it: a salted sum of a digest of it.
package fingerprint

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
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

// iterations make a guess at a secret as costly as PostgreSQL's own verifiers do.
const iterations = 4096

// OfSecret fingerprints a secret itself, which somebody may have chosen: a guess at it is made costly.
func OfSecret(value secret.String) *Fingerprint {
	salt := make([]byte, size)
	_, _ = rand.Read(salt) // It never fails.
	return &Fingerprint{salt: salt, sum: stretched(salt, value)}
}

// IsOfSecret reports whether a secret is the one that OfSecret fingerprinted.
func (f *Fingerprint) IsOfSecret(value secret.String) bool {
	return f != nil && hmac.Equal(f.sum, stretched(f.salt, value))
}

func stretched(salt []byte, value secret.String) []byte {
	key, err := pbkdf2.Key(sha256.New, value.Reveal(), salt, iterations, size)
	if err != nil { // Only where FIPS mode forbids the parameters, which it does not.
		panic(err)
	}
	return key
}
