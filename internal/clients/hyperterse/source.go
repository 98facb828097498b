// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	byteOrderMark = "\ufeff"
	// lineBreaks are the characters that YAML ends a line with.
	lineBreaks = "\r\n\u0085\u2028\u2029"
)

// source is a file's text with the places of its lines, which end where YAML ends them. Line numbers count from 0.
type source struct {
	text   []byte
	starts []int
}

func newSource(text []byte) source {
	s := source{text: text, starts: []int{0}}
	for i := 0; i < len(text); {
		width := breakWidth(text[i:])
		if width > 0 {
			s.starts = append(s.starts, i+width)
		}
		i += max(width, 1)
	}
	return s
}

// breakWidth gives the bytes of the line break that a text starts with, or 0.
func breakWidth(text []byte) int {
	for _, lineBreak := range []string{"\r\n", "\n", "\r", "\u0085", "\u2028", "\u2029"} {
		if bytes.HasPrefix(text, []byte(lineBreak)) {
			return len(lineBreak)
		}
	}
	return 0
}

// start gives the offset of a line; of the line after the last one, the text's end.
func (s source) start(line int) int {
	if line >= len(s.starts) {
		return len(s.text)
	}
	return s.starts[line]
}

// line gives a line's text without its break.
func (s source) line(line int) string {
	text := s.text[s.start(line):s.start(line+1)]
	if line == 0 {
		text = bytes.TrimPrefix(text, []byte(byteOrderMark))
	}
	return strings.TrimRight(string(text), lineBreaks)
}

// offset turns the position of a YAML node, line and column from 1 and the column in characters, into an offset.
func (s source) offset(line, column int) int {
	at := s.start(line - 1)
	if line == 1 && bytes.HasPrefix(s.text, []byte(byteOrderMark)) {
		at += len(byteOrderMark)
	}
	for range column - 1 {
		_, width := utf8.DecodeRune(s.text[at:])
		at += width
	}
	return at
}

// newline gives the line break that the file uses.
func (s source) newline() string {
	if len(s.starts) > 1 && bytes.HasSuffix(s.text[:s.starts[1]], []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// insert gives the text with lines put before a line. Where the file's last line has no break, neither has it then.
func (s source) insert(before int, lines []string) []byte {
	newline := s.newline()
	if before < len(s.starts) {
		return splice(s.text, s.starts[before], s.starts[before], strings.Join(lines, newline)+newline)
	}
	if s.start(len(s.starts)-1) == len(s.text) { // The last line is the empty one after the last break.
		return splice(s.text, len(s.text), len(s.text), strings.Join(lines, newline)+newline)
	}
	return splice(s.text, len(s.text), len(s.text), newline+strings.Join(lines, newline))
}

// remove gives the text without the lines from first to last: the reverse of insert.
func (s source) remove(first, last int) []byte {
	from, to := s.start(first), s.start(last+1)
	if last == len(s.starts)-1 && from < to && first > 0 {
		from -= s.breakBefore(from)
	}
	return splice(s.text, from, to, "")
}

// breakBefore gives the bytes of the line break that ends at an offset.
func (s source) breakBefore(offset int) int {
	for width := min(3, offset); width > 0; width-- {
		if breakWidth(s.text[offset-width:offset]) == width {
			return width
		}
	}
	return 0
}

// splice gives the text with the bytes from one offset to another replaced.
func splice(text []byte, from, to int, replacement string) []byte {
	return slices.Concat(text[:from], []byte(replacement), text[to:])
}

// indentation counts the spaces that a line starts with.
func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }
