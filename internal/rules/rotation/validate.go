// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package rotation

import (
	"fmt"
	"time"
)

// Problem is one thing that is wrong with a policy.
type Problem struct {
	// Field is every, before_expiry or overlap.
	Field string
	// Text says what is wrong and what to write.
	Text string
}

// Fields that are set, since zero may be written or left out.
type Fields struct{ Every, BeforeExpiry, Overlap bool }

// Validate gives what is wrong with a policy for credentials that live for a span; zero means that they don't expire.
func (p Policy) Validate(set Fields, life time.Duration) []Problem {
	var problems []Problem
	report := func(field, format string, arguments ...any) {
		problems = append(problems, Problem{Field: field, Text: fmt.Sprintf(format, arguments...)})
	}
	if set.Every && p.Every <= 0 {
		report("every", "A credential can't be rotated every %s: write a longer time, such as \"90d\", or leave it out.", p.Every)
	}
	if set.BeforeExpiry && p.BeforeExpiry <= 0 {
		report("before_expiry", "Zero time before the expiry is too late: write a longer time, such as \"10d\", or leave it out.")
	}
	if p.BeforeExpiry > 0 && life == 0 {
		report("before_expiry", "The credential never expires: give it an expiry, or use every instead.")
	}
	if life > 0 && p.Every > life {
		report("every", "The credential expires after %s, before it is rotated after %s: write a shorter time, or a later expiry.",
			Span(life), Span(p.Every))
	}
	if life > 0 && p.BeforeExpiry >= life {
		report("before_expiry", "The credential lives for %s only, and would be rotated at each apply: write a shorter time.",
			Span(life))
	}
	if p.Every > 0 && p.Overlap > p.Every {
		report("overlap", "The old credential would outlive its successor (%s overlap, rotated every %s): write a shorter overlap.",
			Span(p.Overlap), Span(p.Every))
	}
	return problems
}
