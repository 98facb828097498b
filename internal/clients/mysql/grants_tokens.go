// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"fmt"
	"strings"
)

// token is a word, a quoted name or a sign of a line of SHOW GRANTS.
type token struct {
	text   string
	quoted bool
}

// is reports whether the token is a word or sign, which a quoted name never is.
func (t token) is(word string) bool { return !t.quoted && strings.EqualFold(t.text, word) }

// isWord gives that test for a search.
func isWord(word string) func(token) bool { return func(t token) bool { return t.is(word) } }

// signs end a word, and stand for themselves.
const signs = "(),.@"

// tokenize takes a line apart. In a name in backticks, or in double quotes, a doubled one stands for one; in a text in single
// quotes a backslash stands for the character behind it, too.
func tokenize(line string) ([]token, error) {
	var tokens []token
	for i := 0; i < len(line); {
		switch c := line[i]; {
		case c == ' ' || c == '\t':
			i++
		case c == '`' || c == '"' || c == '\'':
			text, length, err := unquote(line[i:])
			if err != nil {
				return nil, err
			}
			tokens = append(tokens, token{text, true})
			i += length
		case strings.IndexByte(signs, c) >= 0:
			tokens = append(tokens, token{text: line[i : i+1]})
			i++
		default:
			length := strings.IndexAny(line[i:], " \t`\"'"+signs)
			if length < 0 {
				length = len(line) - i
			}
			tokens = append(tokens, token{text: line[i : i+length]})
			i += length
		}
	}
	return tokens, nil
}

// unquote reads the quoted text that a line begins with, and gives how long it is there.
func unquote(line string) (text string, length int, err error) {
	quote := line[0]
	var read strings.Builder
	for i := 1; i < len(line); i++ {
		switch {
		case line[i] == quote && i+1 < len(line) && line[i+1] == quote:
			i++
			read.WriteByte(quote)
		case line[i] == quote:
			return read.String(), i + 1, nil
		case line[i] == '\\' && quote == '\'' && i+1 < len(line):
			i++
			read.WriteByte(line[i])
		default:
			read.WriteByte(line[i])
		}
	}
	return "", 0, fmt.Errorf("%w: a quoted name has no end", ErrGrant)
}

// isPhrase reports whether a line begins with words.
func isPhrase(tokens []token, words ...string) bool {
	if len(tokens) < len(words) {
		return false
	}
	for i, word := range words {
		if !tokens[i].is(word) {
			return false
		}
	}
	return true
}

// hasPhrase reports whether a line has words somewhere.
func hasPhrase(tokens []token, words ...string) bool {
	for i := range tokens {
		if isPhrase(tokens[i:], words...) {
			return true
		}
	}
	return false
}
