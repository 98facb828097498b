// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"slices"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/devstack"
)

// The runs of the CLI that are measured, in the tables' words.
const (
	stepApply   = "apply"
	stepPlan    = "empty plan"
	stepFloor   = "empty plan, `-refresh=false`"
	stepDestroy = "destroy"
	stepData    = "apply of `terraform_data`"
)

// key is what was measured.
type key struct {
	roles int
	delay time.Duration
	step  string
}

// measure is one measurement.
type measure struct {
	wall     time.Duration
	activity devstack.Activity
	// memory is the provider's peak and state the state file's size, both in bytes.
	memory, state int64
}

// results hold all measurements, several of each.
type results map[key][]measure

// median gives the middle of the wall times, of all else the highest. Nothing measured gives false.
func (r results) median(k key) (measure, bool) {
	all := r[k]
	if len(all) == 0 {
		return measure{}, false
	}
	var highest measure
	walls := make([]time.Duration, 0, len(all))
	for _, m := range all {
		walls = append(walls, m.wall)
		highest.activity.Connections = max(highest.activity.Connections, m.activity.Connections)
		highest.activity.Statements = max(highest.activity.Statements, m.activity.Statements)
		highest.memory, highest.state = max(highest.memory, m.memory), max(highest.state, m.state)
	}
	slices.Sort(walls)
	middle := len(walls) / 2
	highest.wall = walls[middle]
	if len(walls)%2 == 0 {
		highest.wall = (walls[middle-1] + walls[middle]) / 2
	}
	return highest, true
}
