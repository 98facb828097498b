// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package leaks_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/leaks"
)

// written are the ways to write a text that the search has to see, each by a way of its own.
var written = map[string]func(text string) string{
	"in clear":             func(text string) string { return text },
	"base64":               func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) },
	"base64, no padding":   func(text string) string { return base64.RawStdEncoding.EncodeToString([]byte(text)) },
	"base64 after one":     func(text string) string { return base64.StdEncoding.EncodeToString([]byte(":" + text + ":and more")) },
	"base64 after two":     func(text string) string { return base64.StdEncoding.EncodeToString([]byte("u:" + text + "x")) },
	"base64 for URLs":      func(text string) string { return base64.URLEncoding.EncodeToString([]byte("abc" + text)) },
	"base64 for URLs, one": func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte("abcd" + text)) },
	"base64 for URLs, two": func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte("abcde" + text + "f")) },
	"base64 of JSON": func(text string) string {
		return base64.StdEncoding.EncodeToString([]byte(`{"p":"` + strings.Trim(text, `"`) + `"}`))
	},
	"URL query":           url.QueryEscape,
	"URL path":            url.PathEscape,
	"URL query, spaces":   func(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") },
	"URL userinfo":        func(text string) string { return url.UserPassword("u", text).String() },
	"URL, small":          func(text string) string { return smallEscapes(url.QueryEscape(text)) },
	"URL in a URL":        func(text string) string { return url.QueryEscape(url.QueryEscape(text)) },
	"hex":                 func(text string) string { return hex.EncodeToString([]byte(text)) },
	"HEX":                 func(text string) string { return strings.ToUpper(hex.EncodeToString([]byte(text))) },
	"hex with spaces":     func(text string) string { return fmt.Sprintf("% x", text) },
	"JSON":                func(text string) string { return marshal(text) },
	"JSON, HTML as it is": func(text string) string { return asIs(text) },
	"JSON in JSON":        func(text string) string { return marshal(marshal(text)) },
	"JSON in a log":       func(text string) string { return strconv.Quote(asIs(text)) },
	"quoted":              strconv.Quote,
	"HTML":                html.EscapeString,
	"HTML of JSON":        func(text string) string { return html.EscapeString(asIs(text)) },
	"SQL":                 func(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" },
	"libpq":               func(text string) string { return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'" },
}

func marshal(text string) string {
	encoded, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(encoded)
}

func asIs(text string) string {
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		panic(err)
	}
	return strings.TrimSpace(encoded.String())
}

func smallEscapes(text string) string {
	parts := strings.Split(text, "%")
	for i := 1; i < len(parts); i++ {
		parts[i] = strings.ToLower(parts[i][:2]) + parts[i][2:]
	}
	return strings.Join(parts, "%")
}

func TestTheSearchFindsEverySpelling(t *testing.T) {
	for name, write := range written {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(r *rapid.T) {
				// No quote at its ends: those of a text in JSON and the text's own can't be told apart there.
				secret := rapid.StringMatching(`[A-Za-z0-9][ -~é雪]{12,40}[A-Za-z0-9]`).Draw(r, "secret")
				other := rapid.StringMatching(`[A-Za-z0-9]{24}`).Filter(func(text string) bool { return text != secret }).Draw(r, "other")
				before := rapid.StringMatching(`[ -~]{0,20}\n`).Draw(r, "before")
				search := leaks.New()
				require.NoError(r, search.Know("it", secret))
				require.NoError(r, search.Know("another", other))
				require.NoError(r, search.Look("log", "name", []byte(before+write(secret)+"\nafter")))
				require.Equal(r, []leaks.Find{{Place: "log", Secret: "it"}}, leaks.Sorted(search.Found()))
			})
		})
	}
}

func TestTheSearchFindsNothingElse(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		secret := rapid.StringMatching(`[ -~]{12,40}`).Draw(r, "secret")
		search := leaks.New()
		require.NoError(r, search.Know("it", secret))
		// All of it but the last character, in every spelling, is not it.
		for name, write := range written {
			require.NoError(r, search.Look("log", name, []byte(write(strings.Repeat("~", len(secret))))))
		}
		if secret != strings.Repeat("~", len(secret)) {
			require.Empty(r, search.Found())
		}
	})
}

func TestTheSearchLooksIntoArchivesAndFolders(t *testing.T) {
	const secret = "a-secret-of-this-test"
	var plan, packed bytes.Buffer
	archive := zip.NewWriter(&plan)
	entry, err := archive.CreateHeader(&zip.FileHeader{Name: "tfplan", Method: zip.Deflate})
	require.NoError(t, err)
	_, err = entry.Write([]byte(strings.Repeat("x", 1000) + secret))
	require.NoError(t, err)
	require.NoError(t, archive.Close())
	compressed := gzip.NewWriter(&packed)
	_, err = compressed.Write([]byte(strings.Repeat("x", 1000) + secret))
	require.NoError(t, err)
	require.NoError(t, compressed.Close())
	folder := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(folder, ".hidden", "deep"), 0o700))
	for name, content := range map[string][]byte{
		"a.plan": plan.Bytes(), "b.gz": packed.Bytes(), ".hidden/deep/c": []byte(secret), "d": []byte("nothing of it"), "left-out": []byte(secret),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), content, 0o600))
	}
	require.NotContains(t, plan.String(), secret)
	search := leaks.New()
	require.NoError(t, search.Know("it", secret))
	require.NoError(t, search.LookTree(folder, func(path string) string {
		if path == "left-out" {
			return ""
		}
		return path
	}))
	require.Equal(t, []leaks.Find{{Place: ".hidden/deep/c", Secret: "it"}, {Place: "a.plan", Secret: "it"}, {Place: "b.gz", Secret: "it"}}, leaks.Sorted(search.Found()))
	require.Contains(t, search.Found()[leaks.Find{Place: "a.plan", Secret: "it"}], "a.plan!tfplan at byte 1000, in clear")
	require.Equal(t, []string{".hidden/deep/c", "a.plan", "b.gz", "d"}, search.Places())
	require.Equal(t, 4, search.Files())
	require.Equal(t, 1, search.Secrets())
	require.Greater(t, search.Bytes(), int64(2000))
	require.Error(t, search.Look("log", "broken", []byte("PK\x03\x04 and nothing of a zip")))
	require.Error(t, search.LookFile("log", filepath.Join(folder, "gone")))
}

func TestTheSearchIsToldOfWhatItCantDo(t *testing.T) {
	search := leaks.New()
	require.NoError(t, search.Know("one", "a-secret-of-this-test"))
	require.NoError(t, search.Know("one", "a-secret-of-this-test"))
	require.ErrorContains(t, search.Know("two", "a-secret-of-this-test"), "one and two are the same secret")
	require.ErrorContains(t, search.Know("one", "another-secret-of-it"), "two secrets are called one")
	require.ErrorContains(t, search.Know("short", "short"), "too short")
	require.ErrorContains(t, search.Know("empty", ""), "too short")
	require.Equal(t, 1, search.Secrets())
}
