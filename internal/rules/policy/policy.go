// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package policy holds the least-privilege rules. They are pure: values in, findings out. Warnings and errors at plan
// time come from them, and so does the access review.
package policy

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Level says what a finding does.
type Level string

// The levels of the provider's least_privilege.
const (
	Warn    Level = "warn"
	Enforce Level = "enforce"
	Off     Level = "off"
)

// Levels are all levels.
var Levels = []Level{Warn, Enforce, Off}

// Policy is how strict the rules are. The zero value warns, outside production.
type Policy struct {
	Level      Level
	Production bool
}

// productionNames are the environments that turn on the production rules.
var productionNames = []string{"prod", "production", "live"}

// IsProduction reports whether an environment's name means production.
func IsProduction(environment string) bool {
	return slices.Contains(productionNames, strings.ToLower(strings.TrimSpace(environment)))
}

// Finding is one thing that is wider than it need be.
type Finding struct {
	// Rule is the rule's name, such as wildcard-scope, and Subject what it is about, such as 'API key prod-backend': together they tell one
	// finding from another.
	Rule, Subject string
	// What says what was found, Why why it matters, Instead the line to write instead.
	What, Why, Instead string
	// Advisory findings stay warnings where the rules are enforced: what they are about may not be the user's to change.
	Advisory bool
}

// Named gives what a finding is about: a kind of thing and its name, quoted where it is not plain text.
func Named(kind, name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		name = strconv.Quote(name)
	}
	return kind + " " + name
}

// WildcardScopes finds scopes that grant everything: * always, in production also database:* and repository:*.
func (p Policy) WildcardScopes(subject string, scopes []string) []Finding {
	var findings []Finding
	for _, scope := range scopes {
		if everything := strings.HasSuffix(scope, ":*"); scope != "*" && (!everything || !p.Production) {
			continue
		}
		instead := []string{"database:read", "database:write"}
		if strings.HasPrefix(scope, "repository:") {
			instead = []string{"repository:read", "repository:write"}
		}
		findings = append(findings, Finding{
			Rule:    WildcardScope,
			Subject: subject,
			What:    fmt.Sprintf("%s has the scope %q.", subject, scope),
			Why:     "Whoever gets hold of the key can do everything that the scope covers, now and in releases to come.",
			Instead: fmt.Sprintf("scopes = [%q, %q], or fewer", instead[0], instead[1]),
		})
	}
	return findings
}

// UnboundedKey finds a key that neither expires nor is rotated on a schedule.
func (p Policy) UnboundedKey(subject string, expires, rotated bool) []Finding {
	if expires || rotated {
		return nil
	}
	return []Finding{{
		Rule:    UnboundedKey,
		Subject: subject,
		What:    subject + " never expires, and is not rotated on a schedule.",
		Why:     "A key that leaked unnoticed works until somebody revokes it.",
		Instead: `expires_in = "90d", or rotation = { every = "90d", overlap = "7d" }`,
	}}
}

// LongLivedKey finds a key that is in use for longer than the guide's rotation period: 90 days in production, else 180.
// every is how often it is rotated; where that is zero, its life says how long it is in use.
func (p Policy) LongLivedKey(subject string, life, every time.Duration) []Finding {
	const day = 24 * time.Hour
	limit := 180
	if p.Production {
		limit = 90
	}
	finding := Finding{Rule: SlowRotation, Subject: subject, Why: fmt.Sprintf("Keys of this environment are to be replaced every %d days.", limit)}
	switch {
	case every > time.Duration(limit)*day:
		finding.What = fmt.Sprintf("%s is rotated every %d days.", subject, every/day)
		finding.Instead = fmt.Sprintf("every = \"%dd\"", limit)
	// Ten days of grace leave room for an overlap of two keys.
	case every == 0 && life > time.Duration(limit+10)*day:
		finding.What = fmt.Sprintf("%s lives for %d days.", subject, life/day)
		finding.Instead = fmt.Sprintf("expires_in = \"%dd\", or rotation = { every = \"%dd\", overlap = \"7d\" }", limit, limit)
	default:
		return nil
	}
	return []Finding{finding}
}

// OpenAllowlist finds entries that let most of the internet in: wider than /8 (IPv4) or /32 (IPv6).
func (p Policy) OpenAllowlist(entries []netip.Prefix) []Finding {
	var findings []Finding
	for _, entry := range entries {
		widest := 8
		if entry.Addr().Is6() {
			widest = 32
		}
		if entry.Bits() >= widest {
			continue
		}
		findings = append(findings, Finding{
			Rule:    OpenAllowlist,
			Subject: entry.String(),
			What:    fmt.Sprintf("The allowlist entry %s is wider than /%d.", entry, widest),
			Why:     "An allowlist that lets most addresses in restricts nothing.",
			Instead: "one entry for each network that calls the service, such as the addresses of your NAT gateways",
		})
	}
	return findings
}

// UnverifiedTLS finds a connection that leaves the machine without a verified certificate. Subject names the
// connection, setting is the line to write.
func (p Policy) UnverifiedTLS(subject, setting string, verified, loopback bool) []Finding {
	if verified || loopback {
		return nil
	}
	return []Finding{{
		Rule:    UnverifiedTLS,
		Subject: subject,
		What:    "The connection of " + subject + " does not verify the server's certificate in full.",
		Why:     "Whoever stands between can read the credentials and the data.",
		Instead: setting,
	}}
}

// ExtraOwner finds an owner that the configuration makes.
func (p Policy) ExtraOwner(email, role string) []Finding {
	if role != "owner" {
		return nil
	}
	return []Finding{{
		Rule:    ExtraOwner,
		Subject: Named("member", email),
		What:    fmt.Sprintf("%s is made an owner.", email),
		Why:     "An owner can do everything, deleting the organization included; one person should be.",
		Instead: `role = "admin"`,
	}}
}

// roundabout are ways to write that take more than a statement on a table, or that extensions and defaults of the server give everybody:
// routines that run with their owner's rights, sequences, triggers and large objects of PostgreSQL, and functions that views of MySQL call.
var roundabout = regexp.MustCompile(`^EXECUTE on .*, SECURITY DEFINER of |^TRIGGER on | on sequence | large objects?[ ,]| via view .*, SQL SECURITY DEFINER of `)

// ExcessPrivileges finds what a login has beyond what its configuration grants.
func (p Policy) ExcessPrivileges(subject string, privileges []string) []Finding {
	var findings []Finding
	add := func(privileges []string, advisory bool) {
		if len(privileges) == 0 {
			return
		}
		findings = append(findings, Finding{
			Rule:     ExcessPrivilege,
			Subject:  subject,
			What:     fmt.Sprintf("%s has more than it was granted here: %s.", subject, strings.Join(privileges, "; ")),
			Why:      "The provider grants nothing of this; the login has it from elsewhere, and with it more than the configuration says.",
			Instead:  "REVOKE it from where it comes from, for example: REVOKE INSERT ON public.orders FROM PUBLIC",
			Advisory: advisory,
		})
	}
	var plain, around []string
	for _, privilege := range privileges {
		if roundabout.MatchString(privilege) {
			around = append(around, privilege)
		} else {
			plain = append(plain, privilege)
		}
	}
	add(plain, false)
	add(around, true)
	return findings
}

// SecretInState finds a generated secret of a subject, such as its password, that production keeps in the state.
func (p Policy) SecretInState(subject, secret, instead string) []Finding {
	if !p.Production {
		return nil
	}
	return []Finding{{
		Rule:    SecretInState,
		Subject: subject,
		What:    "The " + secret + " of " + subject + " is kept in the state in clear.",
		Why:     "Everyone who can read the state of production can log in with it.",
		Instead: instead,
	}}
}
