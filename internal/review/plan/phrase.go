// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plan

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
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
	shown := visible(cut(text, longestName))
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
	return string(p.mapNames(func(shown string) phrase { return phrase(code(shown)) }))
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

// code gives a text, without control characters, as a code span of Markdown.
func code(text string) string {
	longest, run := 0, 0
	for _, r := range text {
		if r != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	if longest > 0 || strings.TrimSpace(text) == "" || text[0] == ' ' && text[len(text)-1] == ' ' {
		// One space on each side is taken off by who reads it.
		return fence + " " + text + " " + fence
	}
	return fence + text + fence
}

// visible writes characters that can't be seen, or that change how others are shown, as their code points.
func visible(text string) string {
	if strings.IndexFunc(text, isInvisible) < 0 {
		return text
	}
	var shown strings.Builder
	for _, r := range text {
		if isInvisible(r) {
			fmt.Fprintf(&shown, "\\u{%x}", r)
			continue
		}
		shown.WriteRune(r)
	}
	return shown.String()
}

// isInvisible reports whether a character is not to be shown: controls, line ends, spaces other than the plain one, and format characters
// such as those for the direction of writing. A combining mark could cover what is beside it.
func isInvisible(r rune) bool {
	return r != ' ' && (!unicode.IsPrint(r) || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r))
}

// shownAddress gives an address as it is shown.
func shownAddress(address string) string { return visible(cut(address, longestAddress)) }

// cut shortens a text to a number of characters.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	count := 0
	for at := range text {
		if count == most {
			return text[:at] + "…"
		}
		count++
	}
	return text
}
