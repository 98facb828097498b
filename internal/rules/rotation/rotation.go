// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package rotation decides when a credential is replaced and when the one before it ends. It is pure: values in, a
// decision out, and the time is a value too. API keys and database roles share it.
//
// At most two credentials are alive at once. A rotation makes the new credential first; the old one becomes the
// previous one and ends after the overlap. A rotation that falls due while a previous credential is still alive ends
// that one first.
package rotation

import (
	"fmt"
	"time"
)

// Policy says when a credential is replaced. The zero value never rotates by itself.
type Policy struct {
	// Every is the age at which a credential is due; zero means never by age.
	Every time.Duration
	// BeforeExpiry is how long before its expiry a credential is due; zero means not by expiry.
	BeforeExpiry time.Duration
	// Overlap is how long the old credential stays alive beside the new one; zero ends it at once.
	Overlap time.Duration
	// Trigger rotates when it is another text than at the last rotation.
	Trigger string
}

// Condition is what became of a credential outside.
type Condition int

// The conditions of a credential.
const (
	Working Condition = iota
	Gone
	Expired
	Revoked
	// Disabled is a login that is there and can't log in.
	Disabled
)

// Credential is the one that is in use.
type Credential struct {
	CreatedAt time.Time
	// ExpiresAt is nil for a credential that never expires.
	ExpiresAt *time.Time
	Condition Condition
}

// works reports whether a credential still opens anything.
func (c Credential) works(now time.Time) bool {
	return c.Condition == Working && (c.ExpiresAt == nil || now.Before(*c.ExpiresAt))
}

// Facts are how things stand.
type Facts struct {
	Current Credential
	// PreviousEndsAt is when the previous credential is to end; nil when none is alive.
	PreviousEndsAt *time.Time
	// Trigger is the policy's at the last rotation.
	Trigger string
	// Causes are further reasons for a rotation, in words, such as "its scopes change".
	Causes []string
}

// Decision is what is to be done. It is made once, while planning, and carried out as it is.
type Decision struct {
	// Rotate is set when a new credential is to be made.
	Rotate bool
	// Reasons say why, for a person; there is at least one when Rotate is set.
	Reasons []string
	// KeepCurrent is set when the current credential is to stay alive for the overlap of a rotation. Otherwise it ends
	// as soon as the new one is there.
	KeepCurrent bool
	// CurrentEnded is set when the current credential of a rotation does not work any more.
	CurrentEnded bool
	// EndPrevious is set when the previous credential is to be ended: before a rotation, when both are set.
	EndPrevious bool
	// EndReason says why.
	EndReason string
}

// Decide gives what is to be done at a time.
func Decide(now time.Time, facts Facts, policy Policy) Decision {
	var decision Decision
	decision.Reasons = reasons(now, facts, policy)
	decision.Rotate = len(decision.Reasons) > 0
	decision.CurrentEnded = decision.Rotate && !facts.Current.works(now)
	decision.KeepCurrent = decision.Rotate && policy.Overlap > 0 && !decision.CurrentEnded
	if facts.PreviousEndsAt == nil {
		return decision
	}
	switch {
	case !now.Before(*facts.PreviousEndsAt):
		decision.EndPrevious = true
		decision.EndReason = "its overlap ended at " + facts.PreviousEndsAt.UTC().Format(time.RFC3339)
	case decision.Rotate:
		decision.EndPrevious = true
		decision.EndReason = "a rotation is due while it is alive, and no more than two are alive at once"
	}
	return decision
}

func reasons(now time.Time, facts Facts, policy Policy) []string {
	var found []string
	current := facts.Current
	switch current.Condition {
	case Gone:
		found = append(found, "it is gone")
	case Revoked:
		found = append(found, "it was revoked outside Terraform")
	case Disabled:
		found = append(found, "it can't log in")
	case Expired:
		found = append(found, "it has expired")
	case Working:
	}
	found = append(found, facts.Causes...)
	if policy.Trigger != facts.Trigger {
		found = append(found, fmt.Sprintf("trigger changed from %q to %q", facts.Trigger, policy.Trigger))
	}
	if age := now.Sub(current.CreatedAt); policy.Every > 0 && age >= policy.Every {
		found = append(found, fmt.Sprintf("%s old, every %s", Span(age), Span(policy.Every)))
	}
	if current.ExpiresAt == nil || current.Condition == Expired {
		return found
	}
	left := current.ExpiresAt.Sub(now)
	switch {
	case left <= 0:
		found = append(found, "it has expired")
	case policy.BeforeExpiry > 0 && left <= policy.BeforeExpiry:
		found = append(found, fmt.Sprintf("expires in %s, before_expiry %s", Span(left), Span(policy.BeforeExpiry)))
	}
	return found
}

// PreviousEnd gives when the credential that a rotation at a time replaces is to end.
func (p Policy) PreviousEnd(rotatedAt time.Time) time.Time { return rotatedAt.Add(p.Overlap) }

// Next gives when a rotation falls due by itself, and nil when never.
func (p Policy) Next(current Credential) *time.Time {
	var next *time.Time
	earlier := func(t time.Time) {
		if next == nil || t.Before(*next) {
			next = &t
		}
	}
	if p.Every > 0 {
		earlier(current.CreatedAt.Add(p.Every))
	}
	if current.ExpiresAt != nil && p.BeforeExpiry > 0 {
		earlier(current.ExpiresAt.Add(-p.BeforeExpiry))
	}
	return next
}

// Span writes a duration as people say it: days from two days on, hours and minutes below.
func Span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day:
		return fmt.Sprintf("%d days", d/day)
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", d/time.Hour)
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d minutes", d/time.Minute)
	default:
		return fmt.Sprintf("%d seconds", d/time.Second)
	}
}
