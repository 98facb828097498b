// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package rotation_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/rules/rotation"
)

const day = 24 * time.Hour

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func at(d time.Duration) *time.Time {
	t := start.Add(d)
	return &t
}

func TestDecide(t *testing.T) {
	every := rotation.Policy{Every: 90 * day, Overlap: 7 * day}
	expiring := rotation.Credential{CreatedAt: start, ExpiresAt: at(100 * day)}
	for name, test := range map[string]struct {
		now    time.Duration
		facts  rotation.Facts
		policy rotation.Policy
		want   rotation.Decision
	}{
		"nothing due":       {89 * day, rotation.Facts{Current: expiring}, every, rotation.Decision{}},
		"due to the second": {90 * day, rotation.Facts{Current: expiring}, every, rotation.Decision{Rotate: true, KeepCurrent: true, Reasons: []string{"90 days old, every 90 days"}}},
		"no policy":         {99 * day, rotation.Facts{Current: expiring}, rotation.Policy{}, rotation.Decision{}},
		"close to expiry": {92 * day, rotation.Facts{Current: expiring}, rotation.Policy{BeforeExpiry: 10 * day},
			rotation.Decision{Rotate: true, Reasons: []string{"expires in 8 days, before_expiry 10 days"}}},
		"expired": {100 * day, rotation.Facts{Current: expiring}, rotation.Policy{}, rotation.Decision{Rotate: true, CurrentEnded: true, Reasons: []string{"it has expired"}}},
		"revoked outside": {day, rotation.Facts{Current: rotation.Credential{CreatedAt: start, Condition: rotation.Revoked}}, every,
			rotation.Decision{Rotate: true, CurrentEnded: true, Reasons: []string{"it was revoked outside Terraform"}}},
		"disabled": {day, rotation.Facts{Current: rotation.Credential{CreatedAt: start, Condition: rotation.Disabled}}, every,
			rotation.Decision{Rotate: true, CurrentEnded: true, Reasons: []string{"it can't log in"}}},
		"gone": {day, rotation.Facts{Current: rotation.Credential{CreatedAt: start, Condition: rotation.Gone}}, every,
			rotation.Decision{Rotate: true, CurrentEnded: true, Reasons: []string{"it is gone"}}},
		"trigger": {day, rotation.Facts{Current: expiring, Trigger: "a"}, rotation.Policy{Trigger: "b"},
			rotation.Decision{Rotate: true, Reasons: []string{`trigger changed from "a" to "b"`}}},
		"changed": {day, rotation.Facts{Current: expiring, Causes: []string{"scopes changed", "name changed"}}, rotation.Policy{},
			rotation.Decision{Rotate: true, Reasons: []string{"scopes changed", "name changed"}}},
		"the overlap goes on": {96 * day, rotation.Facts{Current: rotation.Credential{CreatedAt: *at(90 * day)}, PreviousEndsAt: at(97 * day)}, every, rotation.Decision{}},
		"the overlap is over": {97 * day, rotation.Facts{Current: rotation.Credential{CreatedAt: *at(90 * day)}, PreviousEndsAt: at(97 * day)}, every,
			rotation.Decision{EndPrevious: true, EndReason: "its overlap ended at 2026-04-08T00:00:00Z"}},
		"due while a previous one is alive": {91 * day, rotation.Facts{Current: rotation.Credential{CreatedAt: *at(90 * day)}, PreviousEndsAt: at(97 * day), Trigger: "a"},
			rotation.Policy{Overlap: 7 * day, Trigger: "b"}, rotation.Decision{
				Rotate: true, KeepCurrent: true, Reasons: []string{`trigger changed from "a" to "b"`}, EndPrevious: true,
				EndReason: "a rotation is due while it is alive, and no more than two are alive at once",
			}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, rotation.Decide(start.Add(test.now), test.facts, test.policy))
		})
	}
}

func TestNextAndPreviousEnd(t *testing.T) {
	current := rotation.Credential{CreatedAt: start, ExpiresAt: at(100 * day)}
	require.Nil(t, rotation.Policy{}.Next(current))
	require.Equal(t, at(90*day), rotation.Policy{Every: 90 * day, BeforeExpiry: 5 * day}.Next(current))
	require.Equal(t, at(80*day), rotation.Policy{Every: 90 * day, BeforeExpiry: 20 * day}.Next(current))
	require.Equal(t, start, rotation.Policy{}.PreviousEnd(start))
	require.Equal(t, *at(7 * day), rotation.Policy{Overlap: 7 * day}.PreviousEnd(start))
}

func TestValidate(t *testing.T) {
	all := rotation.Fields{Every: true, BeforeExpiry: true, Overlap: true}
	for name, test := range map[string]struct {
		policy rotation.Policy
		set    rotation.Fields
		life   time.Duration
		fields []string
	}{
		"good":                        {rotation.Policy{Every: 90 * day, BeforeExpiry: 10 * day, Overlap: 7 * day}, all, 100 * day, nil},
		"good without expiry":         {rotation.Policy{Every: 90 * day}, rotation.Fields{Every: true}, 0, nil},
		"zero":                        {rotation.Policy{}, all, 100 * day, []string{"every", "before_expiry"}},
		"before_expiry without one":   {rotation.Policy{BeforeExpiry: day}, rotation.Fields{BeforeExpiry: true}, 0, []string{"before_expiry"}},
		"every longer than the life":  {rotation.Policy{Every: 101 * day}, rotation.Fields{Every: true}, 100 * day, []string{"every"}},
		"before_expiry over the life": {rotation.Policy{BeforeExpiry: 100 * day}, rotation.Fields{BeforeExpiry: true}, 100 * day, []string{"before_expiry"}},
		"overlap longer than every":   {rotation.Policy{Every: day, Overlap: 2 * day}, all, 0, []string{"before_expiry", "overlap"}},
	} {
		t.Run(name, func(t *testing.T) {
			var fields []string
			for _, problem := range test.policy.Validate(test.set, test.life) {
				require.NotEmpty(t, problem.Text)
				fields = append(fields, problem.Field)
			}
			require.Equal(t, test.fields, fields)
		})
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		93*day + 5*time.Hour: "93 days", 47 * time.Hour: "47 hours", 90 * time.Minute: "90 minutes", 61 * time.Second: "61 seconds", 0: "0 seconds",
	} {
		require.Equal(t, want, rotation.Span(d))
	}
}
