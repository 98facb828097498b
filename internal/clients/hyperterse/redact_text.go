// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"regexp"
	"strings"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// anyReference is a reference to the environment, within another form.
const anyReference = `\{\{\s*env\.\w+\s*\}\}`

var (
	// urlRun is a URL with a user, up to the next space or quote that is not in a reference; urlQuery is where its parameters begin.
	urlRun   = regexp.MustCompile("[A-Za-z][A-Za-z0-9+.-]*://(?:" + anyReference + "|[^\\s\"'`<>])+")
	urlQuery = regexp.MustCompile(`\?[A-Za-z_][A-Za-z0-9_.]*=`)
	// wholeDSN is a text that is a DSN of MySQL's driver and nothing else; dsnRun is one within other text.
	wholeDSN = regexp.MustCompile(`(?s)^([^:]*):(.*)(@(?:[a-z0-9]+\([^@]*\))?/[^/]*)$`)
	dsnRun   = regexp.MustCompile(`([^\s:"'=]*):((?:` + anyReference + `|\S)+)(@(?:[a-z0-9]+\([^@\s]*\))?/)`)
	// secretPair is the name of a secret and what leads to its value: password=, "password": , PGPASSWORD=.
	secretPair = regexp.MustCompile(`(?i)[\w.-]*(?:passw(?:or)?d|passphrase|pwd|secret|token)["']?\s*[=:]\s*`)
	// nextValue leads from a value that was a name after all to the next one.
	nextValue = regexp.MustCompile(`^\s*[=:]\s*`)
	nextPair  = regexp.MustCompile(`&[A-Za-z_][A-Za-z0-9_.]*=`)
)

// RedactText replaces every password in a text: in connection URLs, in DSNs of MySQL's driver, and after the names of
// secrets (password=…, "password": …). References to the environment stay. Where it can't be seen how far a password goes
// (an unescaped @ or & in it), more is replaced rather than less. A DSN's password that holds spaces is found where the
// text is that DSN alone.
func RedactText(text string) string {
	text = urlRun.ReplaceAllStringFunc(text, redactURL)
	text = redactDSN(wholeDSN, text)
	text = redactDSN(dsnRun, text)
	return redactPairs(text)
}

// redactURL replaces the password of scheme://user:password@rest.
func redactURL(run string) string {
	scheme, rest, _ := strings.Cut(run, "://")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	at := strings.LastIndexByte(rest[:end], '@')
	before := rest
	if query := urlQuery.FindStringIndex(rest); query != nil {
		before = rest[:query[0]]
	}
	if last := strings.LastIndexByte(before, '@'); last > at {
		at = last // A password with a slash or the like that is not escaped.
	} else if at < 0 {
		at = strings.LastIndexByte(rest, '@')
	}
	if at < 0 {
		return run
	}
	user, password, found := strings.Cut(rest[:at], ":")
	if !found || isReference(password) || password == "" {
		return run
	}
	return scheme + "://" + user + ":" + secret.Redacted + rest[at:]
}

func redactDSN(form *regexp.Regexp, text string) string {
	return form.ReplaceAllStringFunc(text, func(found string) string {
		parts := form.FindStringSubmatch(found)
		if password := parts[2]; strings.HasPrefix(password, "//") || password == "" || isReference(password) {
			return found // A URL, which was looked at before, or nothing to hide.
		}
		return parts[1] + ":" + secret.Redacted + parts[3]
	})
}

// redactPairs replaces the values that follow the names of secrets.
func redactPairs(text string) string {
	var redacted strings.Builder
	for {
		at := secretPair.FindStringIndex(text)
		if at == nil {
			return redacted.String() + text
		}
		redacted.WriteString(text[:at[1]])
		text = text[at[1]:]
		for {
			length := pairLength(text)
			redacted.WriteString(redactValue(text[:length]))
			text = text[length:]
			between := nextValue.FindString(text)
			if between == "" {
				break
			}
			redacted.WriteString(between)
			text = text[len(between):]
		}
	}
}

// redactValue gives what stands in place of a value, with its quotes.
func redactValue(value string) string {
	switch {
	case isReference(strings.Trim(value, `"'`)) || value == "":
		return value
	case isQuote(value[0]):
		return value[:1] + secret.Redacted + value[:1]
	default:
		return secret.Redacted
	}
}

func isQuote(c byte) bool { return c == '"' || c == '\'' }

// pairLength says how far a value goes: to its closing quote (a quote that is not closed goes to the end), or to the next
// space or URL parameter.
func pairLength(text string) int {
	if text == "" {
		return 0
	}
	if quote := text[0]; isQuote(quote) {
		for i := 1; i < len(text); i++ {
			switch {
			case text[i] == '\\':
				i++
			case text[i] == quote && i+1 < len(text) && text[i+1] == quote:
				i++ // A doubled quote stands for one.
			case text[i] == quote:
				return i + 1
			}
		}
		return len(text)
	}
	length := 0
	for length < len(text) {
		if at := reference.FindStringIndex(text[length:]); at != nil && at[0] == 0 {
			length += at[1]
			continue
		}
		if strings.IndexByte(" \t\r\n", text[length]) >= 0 {
			break
		}
		if text[length] == '\\' && length+1 < len(text) {
			length++
		}
		length++
	}
	if next := nextPair.FindStringIndex(text[:length]); next != nil {
		length = next[0]
	}
	return length
}
