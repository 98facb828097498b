// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

var plainForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

// plain gives a word as it is, and anything else, or a word that YAML takes for another type, in quotes.
func plain(value string) string {
	encoded, err := yaml.Marshal(value)
	if plainForm.MatchString(value) && err == nil && string(encoded) == value+"\n" {
		return value
	}
	return quoted(value, yaml.SingleQuotedStyle)
}

// quoted gives a value in single quotes, or in double quotes if asked for or needed.
func quoted(value string, style yaml.Style) string {
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	if style&yaml.DoubleQuotedStyle != 0 || strings.ContainsFunc(value, unprintable) {
		// Go's escapes for valid UTF-8 are all YAML's too.
		return strconv.Quote(value)
	}
	return "'" + strings.ReplaceAll(value, "'", "''") + "'"
}

// restyled gives a value in the style of the one that it replaces.
func restyled(value string, old *yaml.Node) string {
	if old.Style == 0 && plain(value) == value {
		return value
	}
	return quoted(value, old.Style)
}

// token gives the range of bytes of a scalar, if it is of a kind that can be replaced by itself.
func (d *document) token(node *yaml.Node, inFlow bool) (from, to int, ok bool) {
	if node.Kind != yaml.ScalarNode || node.Anchor != "" || node.Style&(yaml.TaggedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 || isEmpty(node) {
		return 0, 0, false
	}
	from = d.offset(node.Line, node.Column)
	if inFlow || node.Style != 0 {
		return from, d.skipFlow(from), true
	}
	rest := strings.TrimRight(string(d.text[from:d.start(node.Line)]), lineBreaks)
	if comment := strings.Index(rest, " #"); comment >= 0 {
		rest = rest[:comment]
	}
	rest = strings.TrimRight(rest, " \t")
	return from, from + len(rest), rest == node.Value
}

// skipFlow gives the end of the quoted scalar or flow node that starts at an offset.
func (d *document) skipFlow(from int) int {
	depth, i := 0, from
	begins := true // Whether a token may begin here: a quote or # within a word is part of the word.
	for i < len(d.text) {
		c := d.text[i]
		switch {
		case begins && (c == '"' || c == '\''):
			i = d.skipQuoted(i)
			if depth == 0 {
				return i
			}
			begins = false
			continue
		case c == '#' && begins && i > from:
			for i < len(d.text) && breakWidth(d.text[i:]) == 0 {
				i++
			}
			continue
		case c == '{' || c == '[':
			depth++
			begins = true
		case c == '}' || c == ']':
			depth--
			if depth <= 0 {
				if depth < 0 { // The bracket closes what the node stands in.
					return from + len(bytes.TrimRight(d.text[from:i], " \t\r\n"))
				}
				return i + 1
			}
			begins = false
		case c == ',':
			if depth == 0 {
				return from + len(bytes.TrimRight(d.text[from:i], " \t\r\n"))
			}
			begins = true
		default:
			begins = c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ':'
		}
		i++
	}
	return len(d.text)
}

// skipQuoted gives the end of a quoted scalar.
func (d *document) skipQuoted(from int) int {
	quote := d.text[from]
	for i := from + 1; i < len(d.text); i++ {
		switch {
		case quote == '"' && d.text[i] == '\\':
			i++
		case d.text[i] == quote && quote == '\'' && i+1 < len(d.text) && d.text[i+1] == quote:
			i++
		case d.text[i] == quote:
			return i + 1
		}
	}
	return len(d.text)
}
