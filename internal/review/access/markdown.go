// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package access

import (
	"fmt"
	"strings"

	"github.com/terrascale/terraform-provider-terrascale/internal/review/markdown"
)

// table is a heading of the Markdown with the rows below it. The last one has no columns: its rows are lines.
type table struct {
	title   string
	columns []string
	rows    [][]string
}

// Markdown gives the review for a pull request, an issue or a wiki page: what others chose is code, so that none of it mentions people,
// links, or is HTML.
func (r Result) Markdown() string {
	var written strings.Builder
	fmt.Fprintf(&written, "**Access review:** %s\n", r.summary())
	var leftOut []string
	for _, t := range r.tables() {
		heading := fmt.Sprintf("\n### %s\n\n", t.title)
		if len(t.columns) > 0 {
			heading += row(t.columns) + row(strings.Split(strings.Repeat("---,", len(t.columns)-1)+"---", ","))
		}
		for i, cells := range t.rows {
			next := row(cells)
			if len(t.columns) == 0 {
				next = cells[0] + "\n"
			}
			if written.Len()+len(heading)+len(next) > markdown.Longest {
				leftOut = append(leftOut, fmt.Sprintf("%d in '%s'", len(t.rows)-i, t.title))
				break
			}
			// A heading without a row says nothing.
			written.WriteString(heading + next)
			heading = ""
		}
	}
	if len(leftOut) > 0 {
		fmt.Fprintf(&written, "\n> **Left out:** this review is too long for a comment. These lines are missing: %s. The attributes of "+
			"`terrascale_access_review` have all of them.\n", strings.Join(leftOut, ", "))
	}
	return written.String()
}

func row(cells []string) string {
	escaped := make([]string, len(cells))
	for i, cell := range cells {
		escaped[i] = markdown.Cell(cell)
	}
	return "| " + strings.Join(escaped, " | ") + " |\n"
}

// summary counts what there is.
func (r Result) summary() string {
	var parts []string
	add := func(count int, words string) {
		if count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count, words))
		}
	}
	for _, severity := range Severities {
		add(r.Counts[severity], string(severity))
	}
	if len(parts) == 0 {
		parts = append(parts, "no findings")
	}
	add(len(r.Exceptions), "excepted")
	add(len(r.NotKnown), "not known")
	add(len(r.Passed), "passed")
	return strings.Join(parts, " · ")
}

func (r Result) tables() []table {
	findings := table{title: "Findings", columns: []string{"Severity", "Rule", "Subject", "Finding", "What to do"}}
	for _, f := range r.Findings {
		findings.rows = append(findings.rows, []string{string(f.Severity), code(f.Rule), code(f.Subject), f.message.markdown, f.Remediation})
	}
	exceptions := table{title: "Exceptions", columns: []string{"Rule", "Subject", "Reason", "Applies"}}
	for _, e := range r.Exceptions {
		applies := "not known"
		switch {
		case e.Applies == nil:
		case *e.Applies:
			applies = "yes"
		default:
			applies = "no: it can go"
		}
		exceptions.rows = append(exceptions.rows, []string{code(e.Rule), code(e.Subject), code(e.Reason), applies})
	}
	unknown := table{title: "Not known", columns: []string{"Rule", "Subject", "Reason"}}
	for _, n := range r.NotKnown {
		unknown.rows = append(unknown.rows, []string{code(n.Rule), code(n.Subject), code(n.Reason)})
	}
	passed := table{title: "Passed"}
	for _, rule := range r.Passed {
		passed.rows = append(passed.rows, []string{"- " + code(rule)})
	}
	return []table{findings, exceptions, unknown, passed}
}

func code(text string) string { return markdown.Code(shown(text)) }
