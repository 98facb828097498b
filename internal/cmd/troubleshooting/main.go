// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Command troubleshooting writes the guide to the provider's errors and warnings from their catalogue.
package main

import (
	_ "embed"
	"strings"
	"text/template"

	"github.com/terrascale/terraform-provider-terrascale/internal/cmd/internal/page"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic/catalogue"
)

//go:embed troubleshooting.md.tmpl
var text string

func main() { page.Main(guide) }

// guide gives the page, in Markdown.
func guide() (string, error) {
	return page.Fill(text, template.FuncMap{"anchor": anchor}, catalogue.Topics())
}

// anchor is what the registry makes of a heading.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		}
		return -1
	}, strings.ToLower(heading))
}
