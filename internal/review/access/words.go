// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package access

import (
	"fmt"
	"strings"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/review/markdown"
)

const (
	// longestName is how many characters of a text are shown that others chose.
	longestName = 200
	// mostListed is how many things one message lists.
	mostListed = 10
)

// words are a sentence of this package with texts between its words that others chose: as plain text, and as Markdown, where those are code,
// so that none of them mentions people, links, or is HTML.
type words struct{ plain, markdown string }

// say fills texts that others chose into a format of this package.
func say(format string, texts ...string) words {
	plain, asCode := make([]any, len(texts)), make([]any, len(texts))
	for i, text := range texts {
		shown := shown(text)
		plain[i], asCode[i] = shown, markdown.Code(shown)
	}
	return words{fmt.Sprintf(format, plain...), fmt.Sprintf(format, asCode...)}
}

// list gives texts that others chose as a list, which ends with how many more there are.
func list(texts []string) words {
	var parts words
	for i, text := range texts[:min(len(texts), mostListed)] {
		separator := ""
		if i > 0 {
			separator = "; "
		}
		part := say("%s", text)
		parts.plain += separator + part.plain
		parts.markdown += separator + part.markdown
	}
	if more := len(texts) - mostListed; more > 0 {
		ending := fmt.Sprintf("; and %d more", more)
		parts.plain += ending
		parts.markdown += ending
	}
	return parts
}

// then appends words.
func (w words) then(next words) words { return words{w.plain + next.plain, w.markdown + next.markdown} }

func shown(text string) string { return markdown.Visible(markdown.Cut(text, longestName)) }

// on gives a day, which does not change from run to run as an age does.
func on(at time.Time) string { return at.UTC().Format(time.DateOnly) }

// days gives a duration in days where it is whole ones.
func days(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d == day:
		return "1 day"
	case d%day == 0:
		return fmt.Sprintf("%d days", d/day)
	default:
		return strings.TrimSuffix(strings.TrimSuffix(d.String(), "0s"), "0m")
	}
}
