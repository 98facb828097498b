// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"slices"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

// The runs of the CLI that are measured, in the tables' words.
const (
	stepApply   = "apply"
	stepPlan    = "empty plan"
	stepFloor   = "empty plan, `-refresh=false`"
	stepDestroy = "destroy"
	stepData    = "apply of `terraform_data`"

	stepEntriesApply  = "apply of an allowlist"
	stepEntriesPlan   = "empty plan of an allowlist"
	stepGrantsApply   = "apply of a role"
	stepGrantsPlan    = "empty plan of a role"
	stepGrantsDestroy = "destroy of a role"
)

// theirs is a run of the CLI with the usual provider, and users one with users of MariaDB instead of roles of PostgreSQL.
func theirs(step string) string { return "the other: " + step }

func users(step string) string { return "MariaDB users: " + step }

// key is what was measured.
type key struct {
	roles int
	delay time.Duration
	step  string
}

// measure is one measurement.
type measure struct {
	// cpu is the processor time of the CLI and the provider, and own that of the provider alone.
	wall, cpu, own time.Duration
	activity       devstack.Activity
	// memory is the provider's peak and state the state file's size, both in bytes.
	memory, state int64
}

// results hold all measurements, several of each.
type results map[key][]measure

// median gives the middle of the times, of all else the highest. Nothing measured gives false.
func (r results) median(k key) (measure, bool) {
	all := r[k]
	if len(all) == 0 {
		return measure{}, false
	}
	var highest measure
	walls, busy, own := make([]time.Duration, len(all)), make([]time.Duration, len(all)), make([]time.Duration, len(all))
	for i, m := range all {
		walls[i], busy[i], own[i] = m.wall, m.cpu, m.own
		highest.activity.Connections = max(highest.activity.Connections, m.activity.Connections)
		highest.activity.Statements = max(highest.activity.Statements, m.activity.Statements)
		highest.memory, highest.state = max(highest.memory, m.memory), max(highest.state, m.state)
	}
	highest.wall, highest.cpu, highest.own = middle(walls), middle(busy), middle(own)
	return highest, true
}

// middle sorts some times and gives the one in the middle.
func middle(times []time.Duration) time.Duration {
	slices.Sort(times)
	half := len(times) / 2
	if len(times)%2 == 0 {
		return (times[half-1] + times[half]) / 2
	}
	return times[half]
}
