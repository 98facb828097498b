// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var (
	schemeForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9+.-]*://`)
	portForm   = regexp.MustCompile(`^[0-9]*$`)
)

// parseURL takes a connection URL apart; net/url knows no list of hosts. One that starts with a reference fits any scheme.
func parseURL(filled placeholders, schemes ...string) (connectionParts, error) {
	text := filled.text
	scheme := strings.TrimSuffix(schemeForm.FindString(text), "://")
	parts := connectionParts{scheme: strings.ToLower(scheme)}
	rest := strings.TrimPrefix(text, scheme+"://")
	parts.opaque = !slices.Contains(schemes, parts.scheme)
	if parts.opaque && !filled.leads() {
		return parts, malformed("it starts with none of " + strings.Join(schemes, "://, ") + "://")
	}
	authorityEnd := strings.IndexAny(rest, "/?#")
	if authorityEnd < 0 {
		authorityEnd = len(rest)
	}
	authority, tail := rest[:authorityEnd], rest[authorityEnd:]
	path, query, _ := strings.Cut(tail, "?")
	at := strings.LastIndexByte(authority, '@')
	if strings.Contains(tail, "#") || at < 0 && (strings.Contains(path, "@") || strings.Contains(keysOf(query), "@")) {
		return parts, malformed("a special character of the user or password is not escaped: write # as %23, / as %2F, ? as %3F, @ as %40")
	}
	if at >= 0 {
		user, password, _ := strings.Cut(authority[:at], ":")
		var errs [2]error
		_, errs[0] = url.PathUnescape(user)
		parts.password, errs[1] = url.PathUnescape(password)
		if errs[0] != nil || errs[1] != nil {
			return parts, malformed("a % in the user or password is not followed by two hexadecimal digits: write it as %25")
		}
	}
	for host := range strings.SplitSeq(authority[at+1:], ",") {
		name, port := splitPort(host)
		name, err := url.PathUnescape(name)
		if err != nil || !portForm.MatchString(port) {
			return parts, malformed("a host or its port is not valid")
		}
		parts.hosts = append(parts.hosts, name)
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return parts, malformed("the parameters after the question mark are not valid")
	}
	parts.parameters = map[string]string{}
	for key := range values {
		parts.parameters[key] = values.Get(key)
	}
	return parts, nil
}

// keysOf gives a query without its values, which may hold an @ of their own.
func keysOf(query string) string {
	var keys []string
	for pair := range strings.SplitSeq(query, "&") {
		key, _, _ := strings.Cut(pair, "=")
		keys = append(keys, key)
	}
	return strings.Join(keys, "&")
}

// splitPort splits host:port; the colons of an IPv6 address stand in brackets.
func splitPort(host string) (name, port string) {
	colon := strings.LastIndexByte(host, ':')
	if colon < 0 || strings.HasSuffix(host, "]") {
		return host, ""
	}
	return host[:colon], host[colon+1:]
}

// parsePostgres takes what lib/pq takes: a URL, or key=value pairs.
func parsePostgres(filled placeholders) (connectionParts, error) {
	if key, _, pairs := strings.Cut(filled.text, "="); !pairs || strings.ContainsAny(key, "/?@:") {
		parts, err := parseURL(filled, "postgresql", "postgres")
		if host, set := parts.parameters["host"]; set {
			parts.hosts = strings.Split(host, ",")
		}
		return parts, err
	}
	parameters, err := keyValues(filled)
	parts := connectionParts{password: parameters["password"], parameters: parameters, opaque: filled.leads()}
	if host := parameters["host"]; host != "" {
		parts.hosts = strings.Split(host, ",")
	} else if parts.opaque {
		parts.hosts = filled.numbers[:1]
	}
	return parts, err
}

// keyValues reads libpq's pairs: spaces between them, values in single quotes where they hold spaces, \ before ' and \.
func keyValues(filled placeholders) (map[string]string, error) {
	values := map[string]string{}
	rest := strings.TrimSpace(filled.text)
	if first, others, found := strings.Cut(rest, " "); found && filled.covers(first) {
		rest = strings.TrimSpace(others) // A reference that holds the first pairs.
	}
	for ; rest != ""; rest = strings.TrimLeft(rest, " \t\r\n") {
		key, after, found := strings.Cut(rest, "=")
		key = strings.TrimSpace(key)
		if !found || key == "" || strings.ContainsAny(key, " \t\r\n'") {
			return values, malformed("it is neither a URL nor a list of key=value pairs")
		}
		value, remaining, closed := pairValue(strings.TrimLeft(after, " \t\r\n"))
		if !closed {
			return values, malformed("a quote is not closed")
		}
		values[key], rest = value, remaining
	}
	return values, nil
}

// pairValue reads a value and gives what follows it.
func pairValue(text string) (value, rest string, closed bool) {
	var built strings.Builder
	inQuotes := strings.HasPrefix(text, "'")
	text = strings.TrimPrefix(text, "'")
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			built.WriteByte(text[i])
		case inQuotes && c == '\'':
			return built.String(), text[i+1:], true
		case !inQuotes && strings.IndexByte(" \t\r\n", c) >= 0:
			return built.String(), text[i:], true
		default:
			built.WriteByte(c)
		}
	}
	return built.String(), "", !inQuotes
}

// parseMySQL takes what go-sql-driver/mysql takes, user:password@network(address)/database?parameters, or a URL.
func parseMySQL(filled placeholders) (connectionParts, error) {
	text := filled.text
	if strings.HasPrefix(text, "mysql://") {
		return parseURL(filled, "mysql")
	}
	if scheme := schemeForm.FindString(text); scheme != "" {
		return connectionParts{}, malformed("it starts with " + scheme + ": write user:password@tcp(host:3306)/database, or mysql://")
	}
	slash := strings.LastIndexByte(text, '/')
	if slash < 0 {
		return connectionParts{}, malformed("there is no / before the database: write user:password@tcp(host:3306)/database")
	}
	parts := connectionParts{scheme: "mysql"}
	left := text[:slash]
	at := strings.LastIndexByte(left, '@')
	if at >= 0 {
		_, parts.password, _ = strings.Cut(left[:at], ":")
	}
	network, address, bracket := strings.Cut(left[at+1:], "(")
	if bracket && !strings.HasSuffix(address, ")") || !bracket && strings.ContainsAny(network, ":)") {
		return parts, malformed("the address is not in brackets: write tcp(host:3306)")
	}
	if host, _ := splitPort(strings.TrimSuffix(address, ")")); network != "unix" {
		parts.hosts = []string{host}
	}
	_, query, _ := strings.Cut(text[slash:], "?")
	parts.parameters = map[string]string{}
	for pair := range strings.SplitSeq(query, "&") {
		key, value, _ := strings.Cut(pair, "=")
		parts.parameters[key] = value
	}
	return parts, nil
}
