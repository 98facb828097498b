// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// Hide gives a text, such as a driver's error, without the secrets, however they are written in it: as they are, escaped
// for a URL or for libpq, or quoted. Spaces and line breaks become single spaces.
func Hide(text string, secrets []secret.String) string {
	var spellings []string
	for _, hidden := range secrets {
		spellings = append(spellings, spell(hidden.Reveal())...)
	}
	// The longest first, so that no part of one is left over.
	slices.SortFunc(spellings, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for _, spelling := range slices.Compact(spellings) {
		if spelling != "" {
			text = strings.ReplaceAll(text, spelling, secret.Redacted)
		}
	}
	return strings.Join(strings.Fields(text), " ")
}

// spell gives the ways in which a text turns up within another.
func spell(text string) []string {
	query := url.QueryEscape(text)
	quoted := strconv.Quote(text)
	encoded, _ := json.Marshal(text) // A string always encodes.
	return []string{
		text, query, strings.ReplaceAll(query, "+", "%20"), url.PathEscape(text), url.UserPassword("", text).String()[1:],
		strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text), strings.ReplaceAll(text, `'`, `''`),
		quoted[1 : len(quoted)-1], string(encoded[1 : len(encoded)-1]),
	}
}
