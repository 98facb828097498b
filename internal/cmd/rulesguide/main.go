// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Command rulesguide writes the guide to the least-privilege rules from the rules themselves.
package main

import (
	_ "embed"
	"strings"
	"text/template"

	"github.com/terrascale/terraform-provider-terrascale/internal/cmd/internal/page"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

//go:embed least-privilege.md.tmpl
var text string

func main() { page.Main(guide) }

// guide gives the page, in Markdown.
func guide() (string, error) {
	return page.Fill(text, template.FuncMap{"places": places}, policy.Rules())
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
