// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package secret

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unicode/utf8"
)

// LeftOut stands in place of a whole text in which a secret stands that its gaps would show.
const LeftOut = "(left out, because a password that is short or a word may stand in it)"

const (
	// shortest is how long a secret is whose gaps show nothing: shorter ones turn up in ordinary text.
	shortest = 12
	// longestWord is how long a text of letters is that may be a word, or several, of a message.
	longestWord = 24
)

// inWords is what words and names are made of.
var inWords = regexp.MustCompile(`^[\p{L} ._:/@-]*$`)

// isTelltale reports whether a secret may be an ordinary part of a message, whose other words then show what stood in a gap.
func isTelltale(text string) bool {
	length := utf8.RuneCountInString(text)
	return length < shortest || length < longestWord && inWords.MatchString(text)
}

// Hide gives a text, such as the words of a server or a driver, without the secrets, however they are written in it: as they are, escaped for a
// URL, JSON, HTML or libpq, or quoted. Nothing is left of a text that holds a short secret or a word, since what stood in a gap could be read
// from what stands around it.
func Hide(text string, secrets ...String) string {
	var spellings []string
	for _, hidden := range secrets {
		if hidden.IsEmpty() {
			continue
		}
		all := spell(hidden.Reveal())
		if isTelltale(hidden.Reveal()) && slices.ContainsFunc(all, func(spelling string) bool { return strings.Contains(text, spelling) }) {
			return LeftOut
		}
		spellings = append(spellings, all...)
	}
	// The longest first, so that no part of one is left over.
	slices.SortFunc(spellings, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for _, spelling := range spellings {
		text = strings.ReplaceAll(text, spelling, Redacted)
	}
	return text
}

// spell gives the ways in which a text turns up within another.
func spell(text string) []string {
	query := url.QueryEscape(text)
	quoted := strconv.Quote(text)
	encoded, _ := json.Marshal(text) // A string always encodes.
	var asIs strings.Builder
	encoder := json.NewEncoder(&asIs)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // Neither does a builder fail.
	inJSON := []string{string(encoded[1 : len(encoded)-1]), strings.TrimSuffix(asIs.String(), "\"\n")[1:]}
	spellings := []string{
		text, query, strings.ReplaceAll(query, "+", "%20"), url.PathEscape(text), url.UserPassword("", text).String()[1:],
		strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text), strings.ReplaceAll(text, `'`, `''`), quoted[1 : len(quoted)-1],
	}
	for _, one := range append(inJSON, text) {
		escaped := html.EscapeString(one)
		spellings = append(spellings, one, escaped, strings.NewReplacer("&#34;", "&quot;", "&#39;", "&#x27;").Replace(escaped),
			strings.NewReplacer("&#34;", `"`, "&#39;", "'").Replace(escaped))
		again := strconv.Quote(one) // What quotes an answer quotes what is quoted in it.
		spellings = append(spellings, again[1:len(again)-1])
	}
	slices.Sort(spellings)
	return slices.Compact(spellings)
}

// HideError is Hide for an error.
func HideError(err error, secrets ...String) error {
	if err == nil {
		return nil
	}
	return Reword(err, Hide(err.Error(), secrets...))
}

// Reword gives an error the words that Hide left of its own: errors.Is and errors.As find what they found in it. What the machine says of a
// connection stays, since it is the same whatever the secret is.
func Reword(err error, words string) error {
	if words == err.Error() {
		return err
	}
	if words == LeftOut {
		if number, ok := errors.AsType[syscall.Errno](err); ok {
			words += ": " + number.Error()
		} else if errors.Is(err, context.DeadlineExceeded) {
			words += ": " + context.DeadlineExceeded.Error()
		}
	}
	return &hiddenError{words, err}
}

type hiddenError struct {
	words string
	cause error
}

// Error implements error.
func (e *hiddenError) Error() string { return e.words }

// Unwrap makes errors.Is and errors.As see the cause.
func (e *hiddenError) Unwrap() error { return e.cause }
