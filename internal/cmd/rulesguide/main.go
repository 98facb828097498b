// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Command rulesguide writes the guide to the least-privilege rules from the rules themselves.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"strings"
	"text/template"

	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

//go:embed least-privilege.md.tmpl
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
	parsed, err := template.New("guide").Funcs(template.FuncMap{"places": places}).Parse(page)
	if err != nil {
		return "", fmt.Errorf("read the guide's template: %w", err)
	}
	var text strings.Builder
	if err := parsed.Execute(&text, policy.Rules()); err != nil {
		return "", fmt.Errorf("fill in the guide: %w", err)
	}
	return text.String(), nil
}

// places says where a rule is applied.
func places(rule policy.Rule) string {
	var found []string
	if rule.AtPlan {
		found = append(found, "plan")
	}
	if rule.InReview {
		found = append(found, "access review")
	}
	return strings.Join(found, ", ")
}
