// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// excerptLength is how many characters of a foreign answer an error shows.
const excerptLength = 200

// secretShapes matches JWTs, API keys, and the service's refresh and pending-authentication tokens.
var secretShapes = regexp.MustCompile(`eyJ[\w-]*(?:\.[\w-]*)*|\bts_(?:live|test)_[\w.-]+|\b(?:rt|pat)_[\w.-]{6,}|(?i:\bbearer\s+)[^\s"'<>,;]+`)

// scrub removes from a text what the operation sent in confidence, and whatever has the shape of a secret.
func (o *operation) scrub(text string) string {
	return secret.Hide(secretShapes.ReplaceAllString(text, secret.Redacted), o.secrets...)
}

// scrubError is scrub for an error, which stays what it is.
func (o *operation) scrubError(err error) error { return secret.Reword(err, o.scrub(err.Error())) }

// excerpt shows the beginning of a foreign answer on one line.
func (o *operation) excerpt(body []byte) string {
	// Scrub before cutting: half a secret is not recognized.
	text := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, o.scrub(strings.ToValidUTF8(string(body), "")))
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > excerptLength {
		return string(runes[:excerptLength]) + "…"
	}
	return string(runes)
}
