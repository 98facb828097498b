// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package page is what the commands share that write a guide from data.
package page

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"text/template"
)

// Main writes a guide to the file that the flag -out names, and ends the process where that fails.
func Main(guide func() (string, error)) {
	out := flag.String("out", "", "the file to write")
	flag.Parse()
	content, err := guide()
	if err == nil {
		err = os.WriteFile(*out, []byte(content), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "write the guide:", err)
		os.Exit(1)
	}
}

// Fill gives the page that a template makes of data, in Markdown.
func Fill(text string, functions template.FuncMap, data any) (string, error) {
	parsed, err := template.New("guide").Funcs(functions).Parse(text)
	if err != nil {
		return "", fmt.Errorf("read the guide's template: %w", err)
	}
	var filled strings.Builder
	if err := parsed.Execute(&filled, data); err != nil {
		return "", fmt.Errorf("fill in the guide: %w", err)
	}
	return filled.String(), nil
}
