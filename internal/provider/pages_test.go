// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const (
	documentation = "../../docs"
	behaviour     = "../../templates/behaviour"
)

// subcategories are the headings of the registry's list of pages.
var subcategories = []string{"TerraScale", "Databases", "Hyperterse", "Credentials"}

// frontMatter is the head of a page.
type frontMatter struct {
	PageTitle   string `yaml:"page_title"`
	Subcategory string
	Description string
}

func readFrontMatter(t *testing.T, page string) (head frontMatter, body string) {
	t.Helper()
	content, err := os.ReadFile(page)
	require.NoError(t, err)
	_, rest, opened := strings.Cut(string(content), "---\n")
	written, body, closed := strings.Cut(rest, "\n---\n")
	require.True(t, opened && closed, "%s begins with its front matter", page)
	require.NoError(t, yaml.Unmarshal([]byte(written), &head), page)
	return head, body
}

// endOfSentence tells sentences apart: a full stop within a name, such as config.terse, ends none.
var endOfSentence = regexp.MustCompile(`[.?!](\s|$)`)

// TestEveryPageHasAShortDescription: it is what search results show.
func TestEveryPageHasAShortDescription(t *testing.T) {
	pages, err := filepath.Glob(documentation + "/*/*.md")
	require.NoError(t, err)
	require.NotEmpty(t, pages)
	for _, page := range append(pages, documentation+"/index.md") {
		head, _ := readFrontMatter(t, page)
		require.NotEmpty(t, head.PageTitle, page)
		require.NotEmpty(t, head.Description, page)
		require.LessOrEqual(t, len(head.Description), 300, "%s: move the rest to %s", page, behaviour)
		require.LessOrEqual(t, len(endOfSentence.FindAllString(head.Description, -1)), 2, "%s: one or two sentences: %s", page, head.Description)
	}
}

// TestEveryPageHasItsPlace holds each page to a text of its own below templates/behaviour, and to one of the subcategories.
func TestEveryPageHasItsPlace(t *testing.T) {
	kinds, err := os.ReadDir(behaviour)
	require.NoError(t, err)
	require.NotEmpty(t, kinds)
	for _, kind := range kinds {
		pages, err := filepath.Glob(filepath.Join(documentation, kind.Name(), "*.md"))
		require.NoError(t, err)
		texts, err := filepath.Glob(filepath.Join(behaviour, kind.Name(), "*.md"))
		require.NoError(t, err)
		require.Len(t, texts, len(pages), "a text for each of the %s, and one of the %s for each text", kind.Name(), kind.Name())
		for _, page := range pages {
			text := filepath.Join(behaviour, kind.Name(), filepath.Base(page))
			require.FileExists(t, text)
			head, body := readFrontMatter(t, text)
			require.Contains(t, subcategories, head.Subcategory, text)
			shown, all := readFrontMatter(t, page)
			require.Equal(t, head.Subcategory, shown.Subcategory, "%s: run 'make docs'", page)
			require.Contains(t, all, strings.TrimSpace(body), "%s: run 'make docs'", page)
			require.NotContains(t, all, "@behaviour@")
			if body = strings.TrimSpace(body); body != "" {
				require.True(t, strings.HasPrefix(body, "## "), "%s begins with a heading", text)
			}
		}
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)#: ]+\.md)?(#[^)]*)?\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	named   = regexp.MustCompile(`<a id="([^"]*)">`)
	linked  = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
)

// anchors gives the places of a page that a link can lead to, as the registry names them.
func anchors(page string) map[string]bool {
	found := map[string]bool{}
	for _, title := range heading.FindAllStringSubmatch(page, -1) {
		found[strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
				return r
			}
			return -1
		}, strings.ToLower(linked.ReplaceAllString(title[1], "$1")))] = true
	}
	for _, id := range named.FindAllStringSubmatch(page, -1) {
		found[id[1]] = true
	}
	return found
}

// TestLinksLeadSomewhere follows each link from one page to another, and to a heading.
func TestLinksLeadSomewhere(t *testing.T) {
	pages, err := filepath.Glob(documentation + "/*/*.md")
	require.NoError(t, err)
	for _, page := range append(pages, documentation+"/index.md", "../../README.md", "../../CONTRIBUTING.md") {
		content, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, found := range link.FindAllStringSubmatch(string(content), -1) {
			target := page
			if found[1] != "" {
				target = filepath.Join(filepath.Dir(page), found[1])
			}
			there, err := os.ReadFile(target)
			require.NoError(t, err, "%s links to it", page)
			if anchor := strings.TrimPrefix(found[2], "#"); anchor != "" {
				require.True(t, anchors(string(there))[anchor], "%s links to %s of %s", page, found[2], target)
			}
		}
	}
}
