// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheUsersOwnTuningStays(t *testing.T) {
	for _, variable := range []string{"GOGC", "GOMEMLIMIT"} {
		t.Run(variable, func(t *testing.T) {
			t.Setenv("GOGC", "")
			t.Setenv("GOMEMLIMIT", "")
			t.Setenv(variable, "100")
			before := debug.SetMemoryLimit(-1)
			collectLessOften()
			require.Equal(t, before, debug.SetMemoryLimit(-1))
		})
	}
}

func TestTheLimitGrowsWithTheHeap(t *testing.T) {
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	percent := debug.SetGCPercent(100)
	t.Cleanup(func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(math.MaxInt64)
	})
	collectLessOften()
	require.Equal(t, int64(memoryLimit), debug.SetMemoryLimit(-1))

	held := make([]byte, 2*memoryLimit)
	require.Eventually(t, func() bool {
		runtime.GC()
		return debug.SetMemoryLimit(-1) > int64(4*memoryLimit)
	}, 10*time.Second, 10*time.Millisecond)
	runtime.KeepAlive(held)
}

func TestASmallHeapHasTheLimitOfTheBenchmark(t *testing.T) {
	require.Equal(t, int64(memoryLimit), limitFor(10<<20))
	require.Greater(t, limitFor(100<<20), int64(200<<20))
}
