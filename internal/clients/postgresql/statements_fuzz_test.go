// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// sqlToken is a word or sign of a statement, or what a quoted name or text stands for.
type sqlToken struct {
	kind byte // w for words and signs, n for names, t for texts
	text string
}

// tokenize takes a statement apart as PostgreSQL's scanner does, whatever standard_conforming_strings is: a backslash in a text that is not
// E'…' would mean two things, so that there may be none.
func tokenize(t *testing.T, text string) []sqlToken {
	t.Helper()
	var tokens []sqlToken
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == ' ':
			i++
		case c == '"', c == '\'', c == 'E' && strings.HasPrefix(text[i:], "E'"):
			escapes := c == 'E'
			if escapes {
				require.True(t, i == 0 || text[i-1] == ' ', "E is a word of its own in %q", text)
				i++
			}
			content, length := unquote(t, text[i:], escapes)
			i += length
			require.False(t, i < len(text) && strings.IndexByte(`"'`, text[i]) >= 0, "something follows a quote in %q", text)
			kind := byte('t')
			if c == '"' {
				kind = 'n'
			}
			tokens = append(tokens, sqlToken{kind, content})
		case strings.IndexByte("(),.", c) >= 0:
			tokens = append(tokens, sqlToken{'w', string(c)})
			i++
		default:
			length := strings.IndexAny(text[i:], ` "'(),.`)
			if length < 0 {
				length = len(text) - i
			}
			word := text[i : i+length]
			require.Empty(t, strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789-"), "an odd word in %q", text)
			require.NotContains(t, word, "--", "a comment in %q", text)
			tokens = append(tokens, sqlToken{'w', word})
			i += length
		}
	}
	return tokens
}

// unquote reads the quoted text that a text begins with.
func unquote(t *testing.T, text string, escapes bool) (content string, length int) {
	t.Helper()
	quote := text[0]
	var read strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && quote == '\'':
			require.True(t, escapes, "a backslash in %q", text)
			i++
			require.Less(t, i, len(text), "%q", text)
			require.Equal(t, byte('\\'), text[i], "an escape other than that of a backslash in %q", text)
			read.WriteByte('\\')
		case text[i] == quote && i+1 < len(text) && text[i+1] == quote:
			i++
			read.WriteByte(quote)
		case text[i] == quote:
			return read.String(), i + 1
		default:
			read.WriteByte(text[i])
		}
	}
	require.Fail(t, "a quote has no end", "%q", text)
	return "", 0
}

// shape gives a statement's words and kinds, without what its names and texts are.
func shape(tokens []sqlToken) string {
	var words []string
	for _, token := range tokens {
		if token.kind == 'w' {
			words = append(words, token.text)
		} else {
			words = append(words, string(token.kind))
		}
	}
	return strings.Join(words, " ")
}

// Whatever a name or a text is, each statement stays that one statement, with these names and texts in it.
func FuzzStatements(f *testing.F) {
	for _, text := range []string{evil, "", `"`, `'`, `\`, `\'`, `""`, "a\x00b", "a.b", "; DROP ROLE x", "--", "/*", "$$", "é", "\xff", "U&", "E'", "\n"} {
		f.Add(text, "plain")
		f.Add("plain", text)
	}
	build := func(name, text string) []statement {
		tables := []relationName{{name, name}, {"s", name}}
		return []statement{
			createLogin(name, secret.New(text), Attributes{ConnectionLimit: -1}, name), createHolder(name), alterRole(name, Attributes{}, []string{"CREATEDB"}), takeAttributes(name, []string{"SUPERUSER"}),
			commentOnRole(name, text), setPassword(name, secret.New(text)), disableLogin(name), renameRole(name, name+"2"), dropRole(name), dropPrivileges(name),
			setParameter(name, "statement_timeout", "x"+text), resetParameter(name, name, "p"), grantConnect(name, name), grantUsage([]string{name, "s"}, name),
			grantSelectOnAll("TABLE", []string{name}, name), grantSelect("TABLE", tables, name), grantSelectColumns([]string{name, "c"}, tables[0], name), revokeAll(tables, name), revokeSelect(tables, name),
			revokeUsage([]string{name}, name), revokeConnect(name, name), revokeMembership(name, name, name+"2"), grantFuture(name, []string{name}, "TABLES", name), revokeFuture(name, name+"2", "TABLES", name),
			borrowRole(name, true), giveRoleBack(name), restoreMembership(name, true, false), actAs(name), terminate([]string{text, "x"}),
			entry{Kind: "COLUMN", Schema: name, Name: name, Detail: name, Privilege: "UPDATE"}.revocation(name),
			entry{Kind: "SCHEMA", Schema: name, Privilege: "CREATE"}.revocation(name), entry{Kind: "DATABASE", Name: name, Privilege: "CREATE"}.revocation(name),
		}
	}
	plain := build("name", "text")
	f.Fuzz(func(t *testing.T, name, text string) {
		kept := strings.ReplaceAll(name, "\x00", "") // No name or text of a server holds a zero byte.
		if kept == "" {
			return // No name is empty, and an empty one says here that there is none.
		}
		for i, s := range build(name, text) {
			if strings.HasPrefix(string(s), "SELECT pg_catalog.") {
				_, list, _ := strings.Cut(string(s), " IN (")
				tokens := tokenize(t, strings.TrimSuffix(list, ")"))
				require.Equal(t, "t , t", shape(tokens))
				require.Equal(t, strings.ReplaceAll(text, "\x00", ""), tokens[0].text)
				continue
			}
			tokens := tokenize(t, string(s))
			require.Equal(t, shape(tokenize(t, string(plain[i]))), shape(tokens), "%q", s)
			for _, token := range tokens {
				switch token.kind {
				case 'n':
					require.Contains(t, []string{kept, kept + "2", "s", "c", "p", "statement_timeout"}, token.text, "%q", s)
				case 't':
					require.Contains(t, []string{strings.ReplaceAll(text, "\x00", ""), "x" + strings.ReplaceAll(text, "\x00", ""), "infinity"}, token.text, "%q", s)
				}
			}
			require.NotContains(t, string(s), "\x00", "for the server, the statement would end there")
		}
	})
}
