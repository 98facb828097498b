// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

const delayed = 20 * time.Millisecond

// walls gives one measurement for each wall time in milliseconds.
func walls(milliseconds ...int) []measure {
	all := make([]measure, len(milliseconds))
	for i, wall := range milliseconds {
		all[i].wall = time.Duration(wall) * time.Millisecond
	}
	return all
}

func TestMedian(t *testing.T) {
	k := key{roles: 1, step: stepPlan}
	_, ok := results{}.median(k)
	require.False(t, ok)
	for name, test := range map[string]struct {
		walls []int
		want  time.Duration
	}{
		"odd": {[]int{9, 1, 2}, 2 * time.Millisecond}, "even": {[]int{9, 1, 2, 4}, 3 * time.Millisecond}, "one": {[]int{7}, 7 * time.Millisecond},
	} {
		got, ok := results{k: walls(test.walls...)}.median(k)
		require.True(t, ok, name)
		require.Equal(t, test.want, got.wall, name)
	}
	got, _ := results{k: {
		{activity: devstack.Activity{Connections: 1, Statements: 9}, memory: 3},
		{activity: devstack.Activity{Connections: 2, Statements: 8}, state: 4, cpu: 2},
	}}.median(k)
	require.Equal(t, measure{cpu: 1, activity: devstack.Activity{Connections: 2, Statements: 9}, memory: 3, state: 4}, got)
}

func TestTargets(t *testing.T) {
	delays := []time.Duration{0, delayed}
	measured := results{
		{few, 0, stepApply}: walls(1000), {some, 0, stepApply}: walls(2000), {many, 0, stepApply}: walls(9000),
		{few, 0, stepData}: walls(500), {some, 0, stepData}: walls(1300), {many, 0, stepData}: walls(4500),
		{few, 0, stepPlan}: walls(1290), {few, 0, stepFloor}: walls(1000),
		{some, 0, stepPlan}: walls(1310), {some, 0, stepFloor}: walls(1000),
		{some, delayed, stepPlan}:    walls(2320),
		{many, delayed, stepDestroy}: {{memory: 100 * mebibyte}},
		{many, 0, stepDestroy}:       {{memory: 1 * mebibyte}},
		{10, 0, stepEntriesPlan}:     {{cpu: 100 * time.Millisecond}}, {250, 0, stepEntriesPlan}: {{cpu: 340 * time.Millisecond, wall: 1}},
		{1000, 0, stepEntriesPlan}:   {{cpu: 1390 * time.Millisecond, wall: 5}},
		{many, 0, theirs(stepApply)}: walls(11710), {peerUsers, delayed, users(stepPlan)}: walls(100), {peerUsers, delayed, users(theirs(stepPlan))}: walls(790),
	}
	all := measured.targets(delays)
	outcomes := make([][2]string, len(all))
	for i, one := range all {
		outcomes[i] = [2]string{one.Seen, one.Result}
	}
	require.Equal(t, [][2]string{
		{"1.29 ×", "met"},
		{"1.31 ×", "**not met**"},
		{"", notMeasured},
		{"1.01 s", "**not met**"},
		{"2.00 ×", "met"},
		{"100 MiB", "met"},
		{"1.87 × (25 ms, then 47 ms; `terraform_data` 20 ms, then 21 ms)", "**not met**"},
		{"1.40 × (1.00 ms, then 1.40 ms)", "**not met**"},
		{"", notMeasured},
		{"5.00 ×", "**not met**"},
		{"1.3 ×", "met"},
		{"", notMeasured},
		{"", notMeasured},
		{"", notMeasured},
		{"", notMeasured},
		{"", notMeasured},
		{"", notMeasured},
		{"", notMeasured},
		{"", notMeasured},
		{"7.9 ×", "**not met**"},
		{"", notMeasured},
		{"", notMeasured},
	}, outcomes)
	for _, one := range (results{}).targets(delays) {
		require.Equal(t, notMeasured, one.Result, one.Aim)
	}
}

func TestStartupComparesMedians(t *testing.T) {
	starts := func(configured ...int) (all []startup) {
		for _, each := range configured {
			all = append(all, startup{handshake: 40 * time.Millisecond, configured: time.Duration(each) * time.Millisecond})
		}
		return all
	}
	var r startupReport
	require.InDelta(t, 1.25, r.compare(starts(60, 50, 10), starts(40, 40, 40)), 1e-9)
	require.Equal(t, moment{"configured", "50.0 ms", "40.0 ms", "1.25 ×"}, r.Moments[2])
	require.Equal(t, moment{"handshake", "40.0 ms", "40.0 ms", "1.00 ×"}, r.Moments[0])
}
