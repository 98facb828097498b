// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Command troubleshooting writes the guide to the provider's errors and warnings from their catalogue.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"strings"
	"text/template"

	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic/catalogue"
)

//go:embed troubleshooting.md.tmpl
var page string

func main() {
	out := flag.String("out", "", "the file to write")
	flag.Parse()
	if err := write(*out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(file string) error {
	content, err := guide()
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		return fmt.Errorf("write the guide: %w", err)
	}
	return nil
}

// guide gives the page, in Markdown.
func guide() (string, error) {
	parsed, err := template.New("guide").Funcs(template.FuncMap{"anchor": anchor}).Parse(page)
	if err != nil {
		return "", fmt.Errorf("read the guide's template: %w", err)
	}
	var text strings.Builder
	if err := parsed.Execute(&text, catalogue.Topics()); err != nil {
		return "", fmt.Errorf("fill in the guide: %w", err)
	}
	return text.String(), nil
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
