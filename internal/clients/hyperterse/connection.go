// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

var (
	// ErrInlinePassword says that a connection string or an option holds a password in clear.
	ErrInlinePassword = errors.New("it holds a password")
	// ErrMalformed says that a connection string is not one of its connector's. What is wrong is said without quoting it.
	ErrMalformed = errors.New("it is not a connection string of this connector")
)

// OptionError is ErrInlinePassword of an option.
type OptionError struct {
	// Option is its name.
	Option string
}

// Error names the option.
func (e *OptionError) Error() string {
	return fmt.Sprintf("option %q: %s", e.Option, ErrInlinePassword)
}

// Unwrap gives ErrInlinePassword.
func (e *OptionError) Unwrap() error { return ErrInlinePassword }

// Trust says what is known of a connection's TLS.
type Trust int

// The states of Trust.
const (
	// TrustUnknown is that of a connection string that stands in the environment.
	TrustUnknown Trust = iota
	TrustVerified
	TrustUnverified
)

// Connection is what can be seen of a connection without the environment.
type Connection struct {
	// TLS says whether the server's certificate is verified in full.
	TLS Trust
	// Loopback is set when every host is seen to be this machine.
	Loopback bool
	// Parameters are the names of the driver's parameters in the connection string, sorted.
	Parameters []string
}

var (
	reference = regexp.MustCompile(`\{\{\s*env\.(\w+)\s*\}\}`)
	secretKey = regexp.MustCompile(`(?i)passw(or)?d|^pwd$|secret|token`)
)

// References lists the environment variables that a text refers to, each once, in their order.
func References(text string) []string {
	var names []string
	for _, match := range reference.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(names, match[1]) {
			names = append(names, match[1])
		}
	}
	return names
}

// Reference gives the text that stands for an environment variable.
func Reference(variable string) string { return "{{ env." + variable + " }}" }

// SuggestedVariable is the usual name of the variable that holds a connector's whole connection string.
func SuggestedVariable(connector string) string {
	switch connector {
	case Redis:
		return "REDIS_URL"
	case MongoDB:
		return "MONGODB_URL"
	default:
		return "DATABASE_URL"
	}
}

// Inspect checks a connection string, and the options that are appended to it, without the environment: ErrInlinePassword,
// ErrMalformed, or what can be seen. No error quotes any part that may be secret.
func Inspect(connector, connectionString string, options map[string]string) (Connection, error) {
	if connectionString == "" {
		return Connection{}, malformed("it is empty")
	}
	for _, name := range slices.Sorted(maps.Keys(options)) {
		if secretKey.MatchString(name) && reference.ReplaceAllString(options[name], "") != "" {
			return Connection{}, &OptionError{Option: name}
		}
	}
	if strings.ContainsFunc(connectionString, unicode.IsControl) {
		return Connection{}, malformed("it holds a line break or another control character")
	}
	if strings.Contains(reference.ReplaceAllString(connectionString, ""), "{{") {
		return Connection{}, malformed("something between {{ and }} is not a reference: write " + Reference("NAME") +
			", with letters, digits and _ in the name")
	}
	if reference.ReplaceAllString(connectionString, "") == "" {
		return Connection{}, nil
	}
	filled := newPlaceholders(connectionString)
	parsed, err := parseConnection(connector, filled)
	if err != nil {
		return Connection{}, err
	}
	if !filled.covers(parsed.password) {
		return Connection{}, ErrInlinePassword
	}
	for key, value := range parsed.parameters {
		if secretKey.MatchString(key) && !filled.covers(value) {
			return Connection{}, ErrInlinePassword
		}
	}
	seen := Connection{Loopback: parsed.loopback()}
	for _, name := range slices.Sorted(maps.Keys(parsed.parameters)) {
		if name != "" && !filled.touches(name) {
			seen.Parameters = append(seen.Parameters, name)
		}
	}
	if connector != Redis {
		maps.Copy(parsed.parameters, options)
	}
	seen.TLS = parsed.trust(connector, filled)
	return seen, nil
}

func malformed(problem string) error { return fmt.Errorf("%w: %s", ErrMalformed, problem) }

// placeholders is a connection string with a number for each reference: digits are valid in every part, ports included.
type placeholders struct {
	text    string
	numbers []string
}

func newPlaceholders(connectionString string) placeholders {
	var p placeholders
	next := 7000001
	p.text = reference.ReplaceAllStringFunc(connectionString, func(string) string {
		for strings.Contains(connectionString, strconv.Itoa(next)) {
			next++
		}
		number := strconv.Itoa(next)
		next++
		p.numbers = append(p.numbers, number)
		return number
	})
	return p
}

// leads reports whether the text starts with a reference.
func (p placeholders) leads() bool {
	return len(p.numbers) > 0 && strings.HasPrefix(p.text, p.numbers[0])
}

// covers reports whether a part of the text consists of references alone; an empty part does.
func (p placeholders) covers(part string) bool {
	for _, number := range p.numbers {
		part = strings.ReplaceAll(part, number, "")
	}
	return part == ""
}

// touches reports whether a part of the text holds a reference.
func (p placeholders) touches(part string) bool {
	return slices.ContainsFunc(p.numbers, func(number string) bool { return strings.Contains(part, number) })
}

// connectionParts is a connection string taken apart.
type connectionParts struct {
	scheme, password string
	// opaque is set when a reference at the start may hold more than is seen.
	opaque     bool
	hosts      []string
	parameters map[string]string
}

func parseConnection(connector string, text placeholders) (connectionParts, error) {
	switch connector {
	case Postgres:
		return parsePostgres(text)
	case MySQL:
		return parseMySQL(text)
	case Redis:
		return parseURL(text, "redis", "rediss")
	case MongoDB:
		return parseURL(text, "mongodb", "mongodb+srv")
	default:
		return connectionParts{}, CheckConnector(connector)
	}
}

// trust says whether the drivers verify the server's certificate with these parameters.
func (c connectionParts) trust(connector string, filled placeholders) Trust {
	mode := c.parameters[map[string]string{Postgres: "sslmode", MySQL: "tls"}[connector]]
	if mode == "" && c.opaque || filled.touches(mode) || reference.MatchString(mode) {
		return TrustUnknown
	}
	verified := false
	switch connector {
	case Postgres:
		verified = mode == "verify-full"
	case MySQL:
		verified = isTrue(mode)
	case Redis:
		verified = c.scheme == "rediss" && !isTrue(c.parameters["skip_verify"])
	case MongoDB:
		verified = c.mongoVerifies()
	}
	if verified {
		return TrustVerified
	}
	return TrustUnverified
}

// mongoVerifies reads the MongoDB driver's options, whose names are the same in any case.
func (c connectionParts) mongoVerifies() bool {
	lower := map[string]string{}
	for key, value := range c.parameters {
		lower[strings.ToLower(key)] = value
	}
	on := c.scheme == "mongodb+srv"
	for _, key := range []string{"ssl", "tls"} {
		if value, set := lower[key]; set {
			on = isTrue(value)
		}
	}
	return on && !isTrue(lower["tlsinsecure"]) && !isTrue(lower["sslinsecure"])
}

func isTrue(value string) bool { return strings.EqualFold(value, "true") || value == "1" }

// loopback reports whether every host is this machine: by name, by address, or by a socket's path. Without a host the
// drivers take this machine.
func (c connectionParts) loopback() bool {
	for _, host := range c.hosts {
		address, err := netip.ParseAddr(strings.Trim(host, "[]"))
		local := host == "" || strings.EqualFold(host, "localhost") || strings.HasPrefix(host, "/") || err == nil && address.IsLoopback()
		if !local {
			return false
		}
	}
	return true
}
