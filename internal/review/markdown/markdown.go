// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package markdown writes texts that others chose into Markdown, so that they stay texts.
package markdown

import (
	"fmt"
	"strings"
	"unicode"
)

// Longest keeps what is written within what GitHub takes as a comment or an issue (65,536 characters), with room for the words about what
// was left out and for whoever wraps it.
const Longest = 64000

// Code gives a text, without control characters, as a code span of Markdown.
func Code(text string) string {
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

// Visible writes characters that can't be seen, or that change how others are shown, as their code points.
func Visible(text string) string {
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

// Cut shortens a text to a number of characters.
func Cut(text string, most int) string {
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

// Cell gives Markdown as a cell of a table. A pipe would end the cell, also in code and behind a backslash.
func Cell(text string) string { return strings.ReplaceAll(text, "|", `\u{7c}`) }
