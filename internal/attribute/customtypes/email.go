// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package customtypes

import (
	"fmt"
	"net/mail"
	"strings"
)

// Email is an e-mail address, compared without case.
type Email = Value[emailFormat]

// EmailType is the attribute type of an Email.
type EmailType = Type[emailFormat]

type emailFormat struct{}

func (emailFormat) Name() string { return "e-mail address" }

func (emailFormat) Invalid() string { return "Invalid e-mail address" }

func (emailFormat) Canonical(text string) (string, error) {
	parsed, err := mail.ParseAddress(text)
	_, domain, _ := strings.Cut(text, "@")
	// A display name or angle brackets parse too, but are no bare address.
	if err != nil || parsed.Address != text || strings.ContainsAny(text, " /\t\r\n") ||
		strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") {
		return "", fmt.Errorf("%q is not an e-mail address: write one such as \"ada@example.com\"", text)
	}
	return strings.ToLower(text), nil
}

// NewEmail gives a known value.
func NewEmail(text string) Email { return NewValue[emailFormat](text) }
