// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package access

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

// Severity says how much a finding matters.
type Severity string

// The severities.
const (
	High   Severity = "high"
	Medium Severity = "medium"
	Low    Severity = "low"
	Info   Severity = "info"
)

// Severities are all severities, the gravest first.
var Severities = []Severity{High, Medium, Low, Info}

// Finding is one thing to look at.
type Finding struct {
	Rule     string
	Severity Severity
	// Subject is what the finding is about, such as 'API key prod-backend'.
	Subject              string
	Message, Remediation string

	message words
}

// NotKnown is something that a rule could not look at.
type NotKnown struct{ Rule, Subject, Reason string }

// Exception is a reason why a rule is not applied to a subject.
type Exception struct {
	Rule, Subject, Reason string
	// Applies reports whether there is a finding that it silences; nil where the review can't tell.
	Applies *bool
}

// Result is what a review comes to. Its lists are sorted.
type Result struct {
	Findings []Finding
	// Passed are the rules that could look at everything that they look at, and found nothing.
	Passed     []string
	NotKnown   []NotKnown
	Exceptions []Exception
	// Counts is how many findings there are of each severity.
	Counts map[Severity]int
}

// reviewer gathers what the rules find.
type reviewer struct {
	policy     policy.Policy
	thresholds Thresholds
	now        time.Time

	findings []Finding
	notKnown []NotKnown
	// looked holds the rules that looked at something.
	looked map[string]bool
}

// Review applies the rules.
func Review(input Input, thresholds Thresholds, now time.Time) Result {
	r := &reviewer{policy: policy.Policy{Production: input.Production}, thresholds: thresholds, now: now, looked: map[string]bool{}}
	if input.Organization != nil {
		r.organization(*input.Organization)
	}
	for _, server := range input.Servers {
		r.server(server)
	}
	slices.SortStableFunc(r.findings, compareFindings)
	slices.SortFunc(r.notKnown, func(a, b NotKnown) int {
		return cmp.Or(strings.Compare(a.Rule, b.Rule), strings.Compare(a.Subject, b.Subject), strings.Compare(a.Reason, b.Reason))
	})
	result := Result{NotKnown: slices.Compact(r.notKnown), Passed: r.passed(), Counts: map[Severity]int{}}
	result.Findings, result.Exceptions = r.except(input.Exceptions)
	for _, severity := range Severities {
		result.Counts[severity] = 0
	}
	for _, finding := range result.Findings {
		result.Counts[finding.Severity]++
	}
	return result
}

func compareFindings(a, b Finding) int {
	return cmp.Or(
		cmp.Compare(slices.Index(Severities, a.Severity), slices.Index(Severities, b.Severity)),
		strings.Compare(a.Rule, b.Rule), strings.Compare(a.Subject, b.Subject), strings.Compare(a.Message, b.Message),
	)
}

// look notes that rules look at something.
func (r *reviewer) look(rules ...string) {
	for _, rule := range rules {
		r.looked[rule] = true
	}
}

// find adds a finding, with what the rule says is to be done.
func (r *reviewer) find(rule string, severity Severity, subject string, message words) {
	known, _ := policy.RuleNamed(rule)
	r.findAnd(rule, severity, subject, message, known.Instead)
}

// findAnd adds a finding with something of its own that is to be done.
func (r *reviewer) findAnd(rule string, severity Severity, subject string, message words, remediation string) {
	r.findings = append(r.findings, Finding{
		Rule: rule, Severity: severity, Subject: subject, Message: message.plain, Remediation: remediation, message: message,
	})
}

// doNotKnow notes what a rule could not look at.
func (r *reviewer) doNotKnow(rule, subject, reason string) {
	r.look(rule)
	r.notKnown = append(r.notKnown, NotKnown{rule, subject, shown(reason)})
}

// passed lists the rules that looked at everything and found nothing.
func (r *reviewer) passed() []string {
	passed := []string{}
	for _, rule := range slices.Sorted(maps.Keys(r.looked)) {
		isFound := slices.ContainsFunc(r.findings, func(f Finding) bool { return f.Rule == rule })
		isUnknown := slices.ContainsFunc(r.notKnown, func(n NotKnown) bool { return n.Rule == rule })
		if !isFound && !isUnknown {
			passed = append(passed, rule)
		}
	}
	return passed
}

// except takes out the findings that exceptions silence, and says of each exception whether there was one.
func (r *reviewer) except(exceptions map[string]map[string]string) (left []Finding, told []Exception) {
	left, told = []Finding{}, []Exception{}
	silenced := map[[2]string]bool{}
	for _, finding := range r.findings {
		if _, isExcepted := exceptions[finding.Subject][finding.Rule]; isExcepted {
			silenced[[2]string{finding.Subject, finding.Rule}] = true
		} else {
			left = append(left, finding)
		}
	}
	for subject, reasons := range exceptions {
		for rule, reason := range reasons {
			exception := Exception{Rule: rule, Subject: subject, Reason: reason}
			applies := silenced[[2]string{subject, rule}]
			isUnknown := slices.ContainsFunc(r.notKnown, func(n NotKnown) bool { return n.Rule == rule })
			// What only a plan looks at, or could not be looked at here, may be as the exception says.
			if applies || r.looked[rule] && !isUnknown {
				exception.Applies = &applies
			}
			told = append(told, exception)
		}
	}
	slices.SortFunc(told, func(a, b Exception) int {
		return cmp.Or(strings.Compare(a.Rule, b.Rule), strings.Compare(a.Subject, b.Subject))
	})
	return left, told
}
