// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package rotation_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/terrascale/terraform-provider-terrascale/internal/rules/rotation"
)

// key is one credential of a history.
type key struct {
	createdAt time.Time
	expiresAt *time.Time
	ended     bool
}

func (k *key) works(now time.Time) bool {
	return !k.ended && (k.expiresAt == nil || now.Before(*k.expiresAt))
}

// history is a service and a state file that random things happen to.
type history struct {
	t              *rapid.T
	now            time.Time
	policy         rotation.Policy
	life           time.Duration
	all            []*key
	current        *key
	previous       *key
	previousEndsAt *time.Time
	trigger        string
}

func (h *history) make() *key {
	made := &key{createdAt: h.now}
	if h.life > 0 {
		expires := h.now.Add(h.life)
		made.expiresAt = &expires
	}
	h.all = append(h.all, made)
	return made
}

func (h *history) working() int {
	count := 0
	for _, k := range h.all {
		if k.works(h.now) {
			count++
		}
	}
	return count
}

func (h *history) decide() rotation.Decision {
	condition := rotation.Working
	if h.current.ended {
		condition = rotation.Revoked
	}
	return rotation.Decide(h.now, rotation.Facts{
		Current:        rotation.Credential{CreatedAt: h.current.createdAt, ExpiresAt: h.current.expiresAt, Condition: condition},
		PreviousEndsAt: h.previousEndsAt,
		Trigger:        h.trigger,
	}, h.policy)
}

// apply carries a decision out, possibly long after it was made, and looks after every step.
func (h *history) apply(decision rotation.Decision) {
	step := func() {
		require.LessOrEqual(h.t, h.working(), 2, "more than two work")
	}
	endPrevious := func() {
		h.previous.ended = true
		h.previous, h.previousEndsAt = nil, nil
		step()
	}
	if decision.EndPrevious {
		endPrevious()
	}
	if !decision.Rotate {
		return
	}
	require.NotEmpty(h.t, decision.Reasons)
	old := h.current
	h.current = h.make()
	h.trigger = h.policy.Trigger
	step()
	require.True(h.t, h.current.works(h.now), "the new one works before the old one is touched")
	if decision.KeepCurrent {
		ends := h.policy.PreviousEnd(h.now)
		h.previous, h.previousEndsAt = old, &ends
	} else {
		old.ended = true
	}
	step()
}

func TestRandomHistories(t *testing.T) {
	days := func(t *rapid.T, low, high int, name string) time.Duration {
		return time.Duration(rapid.IntRange(low, high).Draw(t, name)) * day
	}
	rapid.Check(t, func(t *rapid.T) {
		h := &history{t: t, now: start}
		if rapid.Bool().Draw(t, "expires") {
			h.life = days(t, 20, 120, "life")
			h.policy.BeforeExpiry = days(t, 1, 19, "before_expiry")
		}
		h.policy.Every = days(t, 10, 120, "every")
		h.policy.Overlap = min(days(t, 0, 20, "overlap"), h.policy.Every)
		h.current = h.make()
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 5).Draw(t, "what") {
			case 0:
				h.policy.Trigger = rapid.StringMatching("[a-c]").Draw(t, "trigger")
			case 1:
				h.current.ended = true // Somebody revokes it outside.
			case 2:
				h.policy.Overlap = min(days(t, 0, 20, "overlap"), h.policy.Every)
			default:
				h.now = h.now.Add(days(t, 0, 40, "days"))
			}
			planned := h.decide()
			require.Equal(t, planned, h.decide(), "the same facts give the same decision")
			workedBefore := h.current.works(h.now)
			h.now = h.now.Add(days(t, 0, 3, "days until the apply"))
			h.apply(planned)
			if planned.Rotate || workedBefore && h.current.expiresAt == nil {
				require.Positive(t, h.working(), "none works after an apply")
			}
			if planned.Rotate {
				again := h.decide()
				require.False(t, again.Rotate, "a second plan right after is empty: %v", again.Reasons)
				require.False(t, again.EndPrevious)
			}
		}
		// Destroy ends what the state knows. Nothing that was ever made may be left.
		h.current.ended = true
		if h.previous != nil {
			h.previous.ended = true
		}
		require.Zero(t, h.working(), "a credential was forgotten")
		for _, k := range h.all {
			require.True(t, k.ended, "a credential was left to its expiry instead of being ended")
		}
	})
}
