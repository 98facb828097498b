// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"time"
)

const mebibyte = 1 << 20

// target is what was aimed at, and what came of it.
type target struct {
	Aim, Seen string
	// Result is met, not met, or not measured.
	Result string
}

const notMeasured = "not measured"

func (t target) judge(seen float64, most float64, format string) target {
	t.Seen = fmt.Sprintf(format, seen)
	t.Result = "met"
	if seen > most {
		t.Result = "**not met**"
	}
	return t
}

// aims are the numbers of roles that the targets name.
const few, some, many = 10, 50, 200

// targets compares what was measured in one run with what was aimed at.
func (r results) targets(delays []time.Duration) []target {
	all := make([]target, 0, 8)
	for _, roles := range []int{few, some, many} {
		all = append(all, r.ratio(target{Aim: fmt.Sprintf("empty plan of %d roles ≤ 1.3 × the same with `-refresh=false`", roles)},
			key{roles, delays[0], stepPlan}, key{roles, delays[0], stepFloor}, 1.3))
	}
	all = append(all, r.delayed(delays))
	all = append(all, r.ratio(target{Aim: "apply of 200 roles ≤ 2 × apply of 200 `terraform_data`"},
		key{many, delays[0], stepApply}, key{many, delays[0], stepData}, 2))
	all = append(all, r.peak(delays), r.flat(delays[0]))
	all = append(all, r.oneMoreElement("allowlist entry", stepEntriesPlan), r.oneMoreElement("grant", stepGrantsPlan))
	all = append(all, r.ratio(target{Aim: "empty plan of 1,000 allowlist entries ≤ 4 × that of 250"},
		key{1000, 0, stepEntriesPlan}, key{250, 0, stepEntriesPlan}, 4))
	for _, delay := range []time.Duration{0, 20 * time.Millisecond} {
		for _, step := range []string{stepApply, stepPlan, stepDestroy} {
			all = append(all,
				r.faster(fmt.Sprintf("%s of 200 roles", step), key{many, delay, step}, key{many, delay, theirs(step)}),
				r.faster(fmt.Sprintf("%s of 50 MariaDB users", step), key{peerUsers, delay, users(step)}, key{peerUsers, delay, users(theirs(step))}))
		}
	}
	return all
}

// aheadOf is how many times as fast as the usual provider a run is to be, on the same machine and at 20 ms.
var aheadOf = map[string][2]float64{stepApply: {1.3, 4}, stepPlan: {2, 8}, stepDestroy: {1.5, 4}}

// faster compares with the usual provider.
func (r results) faster(what string, ours, other key) target {
	index := 0
	if ours.delay > 0 {
		index = 1
	}
	var step string
	for known := range aheadOf {
		if ours.step == known || ours.step == users(known) {
			step = known
		}
	}
	least := aheadOf[step][index]
	t := target{Aim: fmt.Sprintf("%s, %s added: ≥ %.1f × as fast as the usual provider", what, ours.delay, least), Result: notMeasured}
	own, ok := r.median(ours)
	their, also := r.median(other)
	if !ok || !also {
		return t
	}
	seen := their.wall.Seconds() / own.wall.Seconds()
	t.Seen, t.Result = fmt.Sprintf("%.1f ×", seen), "met"
	if seen < least {
		t.Result = "**not met**"
	}
	return t
}

// oneMoreElement compares the processor time that one more element of a map costs a plan among many with that among few.
func (r results) oneMoreElement(what, step string) target {
	t := target{Aim: fmt.Sprintf("empty plan: one more %s costs ≤ 1.25 × as much from 250 to 1,000 as from 10 to 250", what), Result: notMeasured}
	few, ok := r.median(key{10, 0, step})
	some, also := r.median(key{250, 0, step})
	many, too := r.median(key{1000, 0, step})
	before := (some.cpu - few.cpu).Seconds() / 240
	after := (many.cpu - some.cpu).Seconds() / 750
	if !ok || !also || !too || before <= 0 {
		return t
	}
	t = t.judge(after/before, 1.25, "%.2f ×")
	t.Seen += fmt.Sprintf(" (%.2f ms, then %.2f ms)", before*1000, after*1000)
	return t
}

func (r results) ratio(t target, of, to key, most float64) target {
	dividend, ok := r.median(of)
	divisor, also := r.median(to)
	if !ok || !also {
		t.Result = notMeasured
		return t
	}
	return t.judge(dividend.wall.Seconds()/divisor.wall.Seconds(), most, "%.2f ×")
}

func (r results) delayed(delays []time.Duration) target {
	t := target{Aim: "empty plan of 50 roles ≤ 1 s longer with 20 ms added to a round trip", Result: notMeasured}
	slow, ok := r.median(key{some, 20 * time.Millisecond, stepPlan})
	fast, also := r.median(key{some, delays[0], stepPlan})
	if !ok || !also || delays[0] != 0 {
		return t
	}
	return t.judge((slow.wall - fast.wall).Seconds(), 1, "%.2f s")
}

// peak is about the provider's memory with the most roles, in any run of the CLI.
func (r results) peak(delays []time.Duration) target {
	t := target{Aim: "the provider's own memory at 200 roles ≤ 100 MiB", Result: notMeasured}
	var highest int64
	for _, delay := range delays {
		for _, step := range []string{stepApply, stepPlan, stepFloor, stepDestroy} {
			if m, ok := r.median(key{many, delay, step}); ok {
				highest = max(highest, m.memory)
			}
		}
	}
	if highest == 0 {
		return t
	}
	return t.judge(float64(highest)/mebibyte, 100, "%.0f MiB")
}

// flat compares what one more role costs an apply among many with what it costs among few. The CLI rewrites the state after
// each resource, so its own part grows: what one more of its own resources costs is beside it.
func (r results) flat(delay time.Duration) target {
	t := target{Aim: "apply: one more role costs ≤ 1.25 × as much from 50 to 200 as from 10 to 50", Result: notMeasured}
	before, after, ok := r.oneMore(stepApply, delay)
	floorBefore, floorAfter, also := r.oneMore(stepData, delay)
	if !ok || !also || before <= 0 {
		return t
	}
	t = t.judge(after/before, 1.25, "%.2f ×")
	t.Seen += fmt.Sprintf(" (%.0f ms, then %.0f ms; `terraform_data` %.0f ms, then %.0f ms)",
		before*1000, after*1000, floorBefore*1000, floorAfter*1000)
	return t
}

// oneMore gives what one more costs, in seconds, among few and among many.
func (r results) oneMore(step string, delay time.Duration) (before, after float64, ok bool) {
	first, ok := r.median(key{few, delay, step})
	second, also := r.median(key{some, delay, step})
	third, too := r.median(key{many, delay, step})
	before = (second.wall - first.wall).Seconds() / (some - few)
	after = (third.wall - second.wall).Seconds() / (many - some)
	return before, after, ok && also && too
}
