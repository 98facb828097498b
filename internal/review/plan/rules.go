// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plan

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
	"github.com/terrascale/terraform-provider-terrascale/internal/review/markdown"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/duration"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

// exceptionsAttribute is the attribute of a resource with its exceptions from rules, by rule.
const exceptionsAttribute = "policy_exceptions"

// ErrUnknownRule is a rule that does not exist, or that can't be judged by a plan.
var ErrUnknownRule = errors.New("unknown rule")

// BrokenRule is a least-privilege rule that a planned resource breaks.
type BrokenRule struct {
	Rule    string `json:"rule"`
	Address string `json:"address"`
	// Subject says what breaks it, and Instead what to write.
	Subject phrase `json:"subject"`
	Instead string `json:"instead"`
}

// Exception is an exception from a rule that a resource has, in the open.
type Exception struct {
	Rule    phrase `json:"rule"`
	Address string `json:"address"`
	Reason  phrase `json:"reason"`
}

// finding is what a rule finds in a resource: whom, and what to write instead.
type finding struct {
	subject  phrase
	findings []policy.Finding
}

// rules look at the planned values of a resource. What is not known yet is not judged.
var rules = map[string]func(p policy.Policy, c change, now time.Time) []finding{
	policy.WildcardScope:   wildcardScope,
	policy.UnboundedKey:    unboundedKey,
	policy.SlowRotation:    slowRotation,
	policy.OpenAllowlist:   openAllowlist,
	policy.UnverifiedTLS:   unverifiedTLS,
	policy.ExtraOwner:      extraOwner,
	policy.ExcessPrivilege: excessPrivilege,
	policy.SecretInState:   secretInState,
}

// RuleNames are the rules that -fail-on knows, in order.
func RuleNames() []string {
	var all []string
	for rule := range rules {
		all = append(all, rule)
	}
	slices.Sort(all)
	return all
}

func checkRules(asked []string) error {
	for _, rule := range asked {
		if rules[rule] == nil {
			return fmt.Errorf("%w %q: the rules are %s", ErrUnknownRule, markdown.Visible(markdown.Cut(rule, longestName)), strings.Join(RuleNames(), ", "))
		}
	}
	return nil
}

// ruleBook collects what breaks the rules asked for. Whether the plan is one of production may be known only at its end.
type ruleBook struct {
	failOn []string
	now    time.Time
	// found is by whether it is production.
	found map[bool][]BrokenRule
}

// look looks at a resource of the provider.
func (b *ruleBook) look(review *Review, c change) {
	if !c.exists() || c.after.isNull() {
		return
	}
	address := shownAddress(c.address)
	excepted := c.after.at(exceptionsAttribute)
	for _, rule := range excepted.keys() {
		review.Exceptions = append(review.Exceptions, Exception{Rule: c.scrub(name(rule)), Address: address, Reason: c.scrub(shown(excepted.at(rule)))})
	}
	for _, rule := range b.failOn {
		if strings.TrimSpace(excepted.at(rule).text()) != "" {
			continue // A reason that is not in the open is none.
		}
		for _, isProduction := range []bool{false, true} {
			for _, f := range rules[rule](policy.Policy{Level: policy.Enforce, Production: isProduction}, c, b.now) {
				b.add(isProduction, BrokenRule{Rule: rule, Address: address, Subject: c.scrub(f.subject)}, f.findings)
			}
		}
	}
}

// add adds the first finding that is more than advice.
func (b *ruleBook) add(isProduction bool, broken BrokenRule, findings []policy.Finding) {
	i := slices.IndexFunc(findings, func(f policy.Finding) bool { return !f.Advisory })
	if i < 0 {
		return
	}
	if b.found == nil {
		b.found = map[bool][]BrokenRule{}
	}
	broken.Instead = findings[i].Instead
	b.found[isProduction] = append(b.found[isProduction], broken)
}

// settle hands over what was found, in order.
func (b *ruleBook) settle(review *Review, isProduction bool) {
	review.BrokenRules = append([]BrokenRule{}, b.found[isProduction]...)
	slices.SortStableFunc(review.BrokenRules, func(a, b BrokenRule) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Address, b.Address))
	})
	if review.Exceptions == nil {
		review.Exceptions = []Exception{}
	}
	slices.SortStableFunc(review.Exceptions, func(a, b Exception) int {
		return cmp.Or(cmp.Compare(a.Address, b.Address), cmp.Compare(a.Rule, b.Rule))
	})
}

// one gives the finding of a resource as a whole.
func one(c change, findings []policy.Finding) []finding {
	if len(findings) == 0 {
		return nil
	}
	subject := kindOf(c.kind).subject(c.after)
	if subject == "" {
		subject = name(c.address)
	}
	return []finding{{subject, findings}}
}

func wildcardScope(p policy.Policy, c change, _ time.Time) []finding {
	if c.kind != "terrascale_api_key" {
		return nil
	}
	return one(c, p.WildcardScopes("", c.after.at("scopes").texts()))
}

func unboundedKey(p policy.Policy, c change, _ time.Time) []finding {
	if c.kind != "terrascale_api_key" {
		return nil
	}
	expires := !c.after.at("expires_in").isNull() || !c.after.at("expires_at").isNull()
	return one(c, p.UnboundedKey("", expires, !c.after.at("rotation", "every").isNull()))
}

func slowRotation(p policy.Policy, c change, now time.Time) []finding {
	if c.kind != "terrascale_api_key" {
		return nil
	}
	life := spanOf(c.after.at("expires_in").text())
	if at, err := time.Parse(time.RFC3339, c.after.at("expires_at").text()); err == nil && life == 0 {
		since := now
		if created, err := time.Parse(time.RFC3339, c.after.at("created_at").text()); err == nil {
			since = created
		}
		life = at.Sub(since)
	}
	return one(c, p.LongLivedKey("", life, spanOf(c.after.at("rotation", "every").text())))
}

// spanOf reads a duration of the provider's; zero where it is none. The provider has checked it.
func spanOf(text string) time.Duration {
	parsed, _ := duration.Parse(text)
	return max(parsed, 0)
}

func openAllowlist(p policy.Policy, c change, _ time.Time) []finding {
	var networks []string
	switch c.kind {
	case "terrascale_ip_allowlist":
		networks = c.after.at("entries").keys()
	case "terrascale_ip_allowlist_entry":
		networks = []string{c.after.at("cidr").text()}
	}
	var found []finding
	for _, network := range networks {
		if prefix, err := netip.ParsePrefix(network); err == nil {
			found = append(found, finding{name(network), p.OpenAllowlist([]netip.Prefix{prefix})})
		}
	}
	return found
}

func unverifiedTLS(p policy.Policy, c change, _ time.Time) []finding {
	text := c.after.at("connection_string").text()
	if c.kind != "terrascale_adapter" || text == "" {
		return nil
	}
	connector, options := c.after.at("connector").text(), map[string]string{}
	for _, option := range c.after.at("options").keys() {
		options[option] = c.after.at("options", option).text()
	}
	seen, err := hyperterse.Inspect(connector, text, options)
	if err != nil || seen.TLS == hyperterse.TrustUnknown {
		return nil
	}
	return one(c, p.UnverifiedTLS("", hyperterse.VerifiedTLS[connector], seen.TLS == hyperterse.TrustVerified, seen.Loopback))
}

// extraOwner looks at who becomes an owner. Who is one already, alone, is what the service requires.
func extraOwner(p policy.Policy, c change, _ time.Time) []finding {
	if c.kind != "terrascale_team_member" || c.before.at("role").is("owner") {
		return nil
	}
	return one(c, p.ExtraOwner("", c.after.at("role").text()))
}

func excessPrivilege(p policy.Policy, c change, _ time.Time) []finding {
	return one(c, p.ExcessPrivileges("", c.after.at("excess_privileges").texts()))
}

// secretInState looks for a generated secret in clear: the plan has it, or will.
func secretInState(p policy.Policy, c change, _ time.Time) []finding {
	if !c.after.at("age_recipients").isNull() {
		return nil
	}
	switch {
	case !c.after.at("secret").isNull():
		return one(c, p.SecretInState("", "", `age_recipients = ["age1…"]`))
	case !c.after.at("password").isNull():
		return one(c, p.SecretInState("", "", `age_recipients = ["age1…"], or password_wo with password_wo_version`))
	default:
		return nil
	}
}
