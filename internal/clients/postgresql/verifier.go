// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"

	"github.com/xdg-go/scram"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

const (
	// verifierIterations and verifierSaltSize are the server's own defaults.
	verifierIterations = 4096
	verifierSaltSize   = 16
)

// NewVerifier computes what the server keeps of a password, in the form of pg_authid.rolpassword:
// SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>. The server takes it in place of the password, so that the
// password itself never crosses the connection and can't stand in a log. Source: RFC 5803 and the server's
// documentation of pg_authid.
func NewVerifier(password secret.String) (secret.String, error) {
	salt := make([]byte, verifierSaltSize)
	if _, err := rand.Read(salt); err != nil {
		return secret.String{}, fmt.Errorf("draw a salt: %w", err)
	}
	return verifier(password, salt, verifierIterations)
}

// digest is what digestsQuery gives of a verifier.
func digest(verifier secret.String) string {
	sum := sha256.Sum256([]byte(verifier.Reveal()))
	return hex.EncodeToString(sum[:])
}

func verifier(password secret.String, salt []byte, iterations int) (secret.String, error) {
	factors := scram.KeyFactors{Salt: string(salt), Iters: iterations}
	client, err := scram.SHA256.NewClient("", password.Reveal(), "")
	if err != nil {
		// Like the server, take a password that SASLprep refuses as its raw bytes.
		if client, err = scram.SHA256.NewClientUnprepped("", password.Reveal(), ""); err != nil {
			return secret.String{}, fmt.Errorf("prepare the password: %w", withoutSecret(err, password))
		}
	}
	stored, err := client.GetStoredCredentialsWithError(factors)
	if err != nil {
		return secret.String{}, fmt.Errorf("compute the password's verifier: %w", withoutSecret(err, password))
	}
	encode := base64.StdEncoding.EncodeToString
	return secret.New(fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s",
		iterations, encode(salt), encode(stored.StoredKey), encode(stored.ServerKey))), nil
}
