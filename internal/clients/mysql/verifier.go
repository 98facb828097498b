// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"crypto/sha1" //nolint:gosec // It is what the server keeps, by its protocol.
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// The authentication plugins whose verifiers are computed here.
const (
	nativePlugin = "mysql_native_password"
	sha2Plugin   = "caching_sha2_password"
)

// verifier is what a server keeps of a password, so that the password itself never crosses the connection.
type verifier struct {
	plugin string
	text   secret.String
}

// newVerifier computes what a server keeps: of MariaDB, the double SHA-1 of mysql_native_password, which every version has;
// of MySQL, the salted SHA-256 crypt of caching_sha2_password, its default since version 8.0.
func newVerifier(isMariaDB bool, password secret.String) verifier {
	if isMariaDB {
		return verifier{nativePlugin, nativeVerifier(password)}
	}
	return verifier{sha2Plugin, sha2Verifier(password, secret.Generate(sha2SaltSize).Reveal())}
}

// nativeVerifier gives * and SHA1(SHA1(password)) in upper case. Source: the servers' documentation of PASSWORD().
func nativeVerifier(password secret.String) secret.String {
	inner := sha1.Sum([]byte(password.Reveal())) //nolint:gosec // See above.
	outer := sha1.Sum(inner[:])                  //nolint:gosec // See above.
	return secret.New("*" + strings.ToUpper(hex.EncodeToString(outer[:])))
}

const (
	// sha2SaltSize is the server's, longer than that of other SHA-256 crypts.
	sha2SaltSize = 20
	// sha2Rounds is the server's default, which it writes in thousands: 005.
	sha2Rounds = 5000
)

// sha2Verifier gives $A$005$, the salt and the SHA-256 crypt of a password. Source: MySQL's documentation of
// caching_sha2_password.
func sha2Verifier(password secret.String, salt string) secret.String {
	return secret.New(fmt.Sprintf("$A$%03X$%s%s", sha2Rounds/1000, salt, sha256Crypt(password.Reveal(), salt, sha2Rounds)))
}

// digest is what accountsQuery gives of a verifier.
func (v verifier) digest() string {
	sum := sha256.Sum256([]byte(v.plugin + " " + v.text.Reveal()))
	return hex.EncodeToString(sum[:])
}
