// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// setting is one NAME=value of a .env file, by its offsets.
type setting struct {
	name string
	// from and to enclose the setting with its export; valueFrom and valueTo the value with its quotes.
	from, to, valueFrom, valueTo int
}

// dotenvSpace are the characters that godotenv v1.5.1 takes for space within a line.
const dotenvSpace = "\t\v\f\r \u0085\u00a0"

// scanDotenv finds the settings as godotenv does: a quoted value may span lines, and after it another setting may follow.
func scanDotenv(text []byte) ([]setting, error) {
	var settings []setting
	for at := 0; ; {
		at += len(text[at:]) - len(bytes.TrimLeftFunc(text[at:], unicode.IsSpace))
		if at == len(text) {
			return settings, nil
		}
		if text[at] == '#' {
			at += lineLength(text[at:])
			continue
		}
		s, err := scanSetting(text, at)
		if err != nil {
			return nil, err
		}
		settings = append(settings, s)
		at = s.to
	}
}

func scanSetting(text []byte, at int) (setting, error) {
	s := setting{from: at}
	if rest, found := bytes.CutPrefix(text[at:], []byte("export")); found {
		if trimmed := bytes.TrimLeft(rest, dotenvSpace); len(trimmed) < len(rest) {
			at = len(text) - len(trimmed)
		}
	}
	separator := bytes.IndexAny(text[at:at+lineLength(text[at:])], "=:")
	if separator < 0 {
		return s, fmt.Errorf("%w: line %d: there is no = after the name", ErrInvalidFile, lineNumber(text, at))
	}
	s.name = strings.TrimRightFunc(string(text[at:at+separator]), unicode.IsSpace)
	at += separator + 1
	s.valueFrom = len(text) - len(bytes.TrimLeft(text[at:], dotenvSpace))
	if s.valueFrom > at && bytes.HasPrefix(text[s.valueFrom-1:], []byte("\r\n")) {
		s.valueFrom-- // An empty value: the \r is of the line's end.
	}
	value := text[s.valueFrom:]
	if len(value) == 0 || value[0] != '"' && value[0] != '\'' {
		s.valueTo = s.valueFrom + unquotedLength(value)
		s.to = s.valueFrom + lineLength(value)
		return s, nil
	}
	length := quotedLength(value)
	if length < 0 {
		return s, fmt.Errorf("%w: line %d: the quote before the value of %s is not closed", ErrInvalidFile, lineNumber(text, at), s.name)
	}
	s.valueTo = s.valueFrom + length
	s.to = s.valueTo
	return s, nil
}

// quotedLength gives the length of a quoted value, or -1. A quote after any backslash does not close it.
func quotedLength(value []byte) int {
	quote := value[0]
	for i := 1; i < len(value); i++ {
		if value[i] == quote && value[i-1] != '\\' {
			return i + 1
		}
	}
	return -1
}

// unquotedLength gives the length of a value without quotes: up to the line's last # that follows a space.
func unquotedLength(value []byte) int {
	line := value[:lineLength(value)]
	for i := len(line) - 1; i > 0; i-- {
		if line[i] == '#' && len(bytes.TrimRight(line[:i], dotenvSpace)) < i {
			line = line[:i]
			break
		}
	}
	return len(bytes.TrimRight(line, dotenvSpace))
}

// lineLength gives the length of a text's first line without its break.
func lineLength(text []byte) int {
	if end := bytes.IndexAny(text, "\r\n"); end >= 0 {
		return end
	}
	return len(text)
}

func lineNumber(text []byte, at int) int { return bytes.Count(text[:at], []byte("\n")) + 1 }

func named(settings []setting, name string) []setting {
	return slices.DeleteFunc(slices.Clone(settings), func(s setting) bool { return s.name != name })
}

// cut removes the setting with its line, or only itself where it shares the line.
func (s setting) cut(text []byte) []byte {
	lineFrom := bytes.LastIndexAny(text[:s.from], "\r\n") + 1
	lineTo := s.to + lineLength(text[s.to:])
	before := bytes.TrimSpace(text[lineFrom:s.from])
	after := bytes.TrimSpace(text[s.to:lineTo])
	if len(before) > 0 || len(after) > 0 && after[0] != '#' {
		return splice(text, s.from, s.to, "")
	}
	switch {
	case bytes.HasPrefix(text[lineTo:], []byte("\r\n")):
		lineTo += 2
	case lineTo < len(text):
		lineTo++
	case bytes.HasSuffix(text[:lineFrom], []byte("\r\n")):
		lineFrom -= 2
	case lineFrom > 0:
		lineFrom--
	}
	return splice(text, lineFrom, lineTo, "")
}
