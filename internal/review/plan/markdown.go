// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plan

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/terrascale/terraform-provider-terrascale/internal/review/markdown"
)

// number gives a number of this package's own as a part of a phrase.
func number(n int) phrase { return phrase(strconv.Itoa(n)) }

// summary counts what changes.
func (r *Review) summary() phrase {
	var counts []string
	switch n := len(r.BrokenRules); n {
	case 0:
	case 1:
		counts = append(counts, "1 broken rule")
	default:
		counts = append(counts, fmt.Sprintf("%d broken rules", n))
	}
	for i, g := range r.Groups {
		switch n := len(g.Lines); n {
		case 0:
		case 1:
			counts = append(counts, "1 "+groups[i].one)
		default:
			counts = append(counts, fmt.Sprintf("%d %s", n, groups[i].many))
		}
	}
	var total Count
	for _, c := range r.OtherProviders {
		total.Create, total.Update, total.Replace, total.Destroy = total.Create+c.Create, total.Update+c.Update, total.Replace+c.Replace, total.Destroy+c.Destroy
	}
	if words := total.words(); words != "" {
		counts = append(counts, "other providers: "+words)
	}
	if len(counts) == 0 {
		return "This plan changes nothing about access."
	}
	return phrase(strings.Join(counts, " · "))
}

// words gives the counts that are not zero.
func (c Count) words() string {
	var parts []string
	for _, part := range []struct {
		count int
		verb  string
	}{
		{c.Destroy, "destroyed"}, {c.Replace, "replaced"}, {c.Create, "created"}, {c.Update, "updated"}, {c.Forget, "no longer managed"},
		{c.Import, "imported"}, {c.Move, "moved"},
	} {
		if part.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.count, part.verb))
		}
	}
	return strings.Join(parts, ", ")
}

// JSON gives the review as JSON.
func (r *Review) JSON() ([]byte, error) {
	content, err := json.MarshalIndent(r, "", "  ")
	return append(content, '\n'), err
}

// section is a heading of the Markdown with its lines.
type section struct {
	title string
	lines []string
}

// Markdown gives the review for a comment on a pull request: names are code, so that none of them mentions people, links, or is HTML.
func (r *Review) Markdown() string {
	var written strings.Builder
	fmt.Fprintf(&written, "**Access changes:** %s\n", r.Summary.markdown())
	for _, note := range r.notes() {
		fmt.Fprintf(&written, "\n> **Note:** %s\n", note)
	}
	var leftOut []string
	for _, s := range r.sections() {
		// A heading without a line says nothing.
		heading := fmt.Sprintf("\n### %s\n\n", s.title)
		for i, line := range s.lines {
			item := "- " + line + "\n"
			if written.Len()+len(heading)+len(item) > markdown.Longest {
				leftOut = append(leftOut, fmt.Sprintf("%d in '%s'", len(s.lines)-i, s.title))
				break
			}
			written.WriteString(heading + item)
			heading = ""
		}
	}
	if len(leftOut) > 0 {
		fmt.Fprintf(&written, "\n> **Left out:** this review is too long for a comment. These lines are missing: %s. "+
			"`plan-review -format json` has all of them.\n", strings.Join(leftOut, ", "))
	}
	return written.String()
}

// notes are what a reader has to know before the changes.
func (r *Review) notes() []string {
	var notes []string
	if r.Plan.Errored {
		notes = append(notes, "planning ended with an error. Changes may be missing here, and this plan can't be applied.")
	}
	switch {
	case r.Plan.Deferred == 1:
		notes = append(notes, "1 change is deferred: a later plan has to say what it is.")
	case r.Plan.Deferred > 1:
		notes = append(notes, fmt.Sprintf("%d changes are deferred: a later plan has to say what they are.", r.Plan.Deferred))
	case r.Plan.Partial && !r.Plan.Errored:
		notes = append(notes, "this plan does not hold all changes: another one has to follow.")
	}
	return notes
}

func (r *Review) sections() []section {
	broken := section{title: "Broken rules"}
	for _, b := range r.BrokenRules {
		at := ""
		if b.Subject.plain() != b.Address {
			at = fmt.Sprintf(" (%s)", markdown.Code(b.Address))
		}
		broken.lines = append(broken.lines, fmt.Sprintf("**%s**: %s%s. Write instead: %s", b.Rule, b.Subject.markdown(), at, markdown.Code(b.Instead)))
	}
	sections := []section{broken}
	for _, g := range r.Groups {
		s := section{title: g.Title}
		for _, line := range g.Lines {
			s.lines = append(s.lines, line.Text.markdown())
		}
		sections = append(sections, s)
	}
	others := section{title: "Other providers"}
	for _, c := range r.OtherProviders {
		others.lines = append(others.lines, markdown.Code(c.Type)+": "+c.words())
	}
	if r.OtherOutside > 0 {
		others.lines = append(others.lines, fmt.Sprintf("changed outside of Terraform: %d", r.OtherOutside))
	}
	exceptions := section{title: "Exceptions"}
	for _, e := range r.Exceptions {
		exceptions.lines = append(exceptions.lines, fmt.Sprintf("%s of %s: %s", e.Rule.markdown(), markdown.Code(e.Address), e.Reason.markdown()))
	}
	return append(sections, others, exceptions)
}
