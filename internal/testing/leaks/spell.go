// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package leaks

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// spelling is one way to write a secret.
type spelling struct{ secret, kind, text string }

// spell gives the ways to write a text, each once.
func spell(text string) []spelling {
	all := []spelling{{kind: "in clear", text: text}}
	add := func(kind string, texts ...string) {
		for _, one := range texts {
			if !slices.ContainsFunc(all, func(other spelling) bool { return other.text == one }) {
				all = append(all, spelling{kind: kind, text: one})
			}
		}
	}
	// What is written by programs is often written by another one in turn: a log quotes the JSON of a request.
	once := escaped(text)
	for kind, texts := range once {
		add(kind, texts...)
	}
	for kind, texts := range once {
		for _, one := range texts {
			for again, more := range escaped(one) {
				add(kind+", "+again, more...)
			}
		}
	}
	for shift := range 3 {
		inner := base64At(text, shift)
		add("in base64", inner, strings.NewReplacer("+", "-", "/", "_").Replace(inner))
	}
	add("in hex", hex.EncodeToString([]byte(text)), strings.ToUpper(hex.EncodeToString([]byte(text))))
	var spaced strings.Builder
	for _, b := range []byte(text) {
		fmt.Fprintf(&spaced, "%02x ", b)
	}
	add("in hex", strings.TrimSpace(spaced.String()), strings.ToUpper(strings.TrimSpace(spaced.String())))
	return all
}

// escaped gives a text as one program writes it.
func escaped(text string) map[string][]string {
	query := url.QueryEscape(text)
	encoded, _ := json.Marshal(text) // A string always encodes.
	var asIs strings.Builder
	encoder := json.NewEncoder(&asIs)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // Neither does a builder fail.
	quoted, ascii, page := strconv.Quote(text), strconv.QuoteToASCII(text), html.EscapeString(text)
	var everyByte strings.Builder
	for _, b := range []byte(text) {
		fmt.Fprintf(&everyByte, "%%%02X", b)
	}
	urls := []string{query, strings.ReplaceAll(query, "+", "%20"), url.PathEscape(text), url.UserPassword("", text).String()[1:], everyByte.String()}
	for _, one := range urls {
		urls = append(urls, lowerEscapes(one))
	}
	return map[string][]string{
		"escaped for a URL": urls,
		"in JSON":           {string(encoded[1 : len(encoded)-1]), strings.TrimSuffix(asIs.String(), "\"\n")[1:]},
		"quoted":            {quoted[1 : len(quoted)-1], ascii[1 : len(ascii)-1]},
		"in SQL":            {strings.ReplaceAll(text, "'", "''"), strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text), strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(text)},
		"in HTML":           {page, strings.NewReplacer("&#34;", "&quot;", "&#39;", "&apos;").Replace(page), strings.NewReplacer("&#34;", `"`, "&#39;", "'").Replace(page)},
	}
}

// lowerEscapes writes the hex of escapes in lower case.
func lowerEscapes(text string) string {
	lower := []byte(text)
	for i := 0; i+2 < len(lower); i++ {
		if lower[i] == '%' {
			copy(lower[i:], strings.ToLower(string(lower[i:i+3])))
			i += 2
		}
	}
	return string(lower)
}

// base64At gives what a text looks like in the base64 of a longer one, before which a multiple of three bytes stands, and the shift. The characters that
// depend on its neighbours are left out.
func base64At(text string, shift int) string {
	encoded := base64.StdEncoding.EncodeToString(append(make([]byte, shift), text...))
	from := (shift*8 + 5) / 6
	whole := (shift + len(text)) * 8 / 6
	return encoded[from:whole]
}
