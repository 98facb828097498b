// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plan

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/terrascale/terraform-provider-terrascale/internal/review/markdown"
)

// phrase is words of this package with names from the plan between them. The names stand between marks that no name can hold, so that
// whoever writes a phrase out can tell them apart.
type phrase string

const (
	beginName = "\x02"
	endName   = "\x03"
	// longestName is how many characters of a name are shown.
	longestName = 200
	// longestAddress is how many characters of an address are shown.
	longestAddress = 400
	// namesALine is how many names of a list one line holds: a longer list takes several lines.
	namesALine = 20
)

// name is a text of the plan as a part of a phrase.
func name(text string) phrase {
	shown := markdown.Visible(markdown.Cut(text, longestName))
	if shown == "" {
		return `""`
	}
	return phrase(beginName + shown + endName)
}

// names lists texts of the plan: a, b and c.
func names(texts ...string) phrase {
	var list strings.Builder
	for i, text := range texts {
		switch {
		case i > 0 && i == len(texts)-1:
			list.WriteString(" and ")
		case i > 0:
			list.WriteString(", ")
		}
		list.WriteString(string(name(text)))
	}
	return phrase(list.String())
}

// say fills phrases into a format of this package, which is no text of the plan.
func say(format string, parts ...phrase) phrase {
	arguments := make([]any, len(parts))
	for i, part := range parts {
		arguments[i] = string(part)
	}
	return phrase(fmt.Sprintf(format, arguments...))
}

// chunks splits a list into parts that a line can hold.
func chunks(texts []string) [][]string { return slices.Collect(slices.Chunk(texts, namesALine)) }

// plain gives a phrase as text.
func (p phrase) plain() string {
	return strings.NewReplacer(beginName, "", endName, "").Replace(string(p))
}

// MarshalJSON writes a phrase as plain text.
func (p phrase) MarshalJSON() ([]byte, error) { return json.Marshal(p.plain()) }

// markdown gives a phrase with its names as code: nothing in them mentions people, links, or is HTML.
func (p phrase) markdown() string {
	return string(p.mapNames(func(shown string) phrase { return phrase(markdown.Code(shown)) }))
}

// mapNames puts something else in the place of each name.
func (p phrase) mapNames(other func(shown string) phrase) phrase {
	var written strings.Builder
	rest := string(p)
	for {
		words, after, found := strings.Cut(rest, beginName)
		written.WriteString(words)
		if !found {
			return phrase(written.String())
		}
		var shown string
		shown, rest, _ = strings.Cut(after, endName)
		written.WriteString(string(other(shown)))
	}
}

// shownAddress gives an address as it is shown.
func shownAddress(address string) string {
	return markdown.Visible(markdown.Cut(address, longestAddress))
}
