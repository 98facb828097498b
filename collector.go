// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// A plan makes much garbage and keeps little: collected less often, it costs less processor time. The limit keeps the process below
// 100 MiB with some hundred resources.
const (
	gcPercent   = 400
	memoryLimit = 56 << 20
	// beside is what the runtime needs beside the heap.
	beside = 12 << 20
)

// collectLessOften tunes the garbage collector, unless the user has.
func collectLessOften() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(memoryLimit)
	afterEachCollection(func() { debug.SetMemoryLimit(limitFor(liveHeap())) })
}

// limitFor gives the limit for a heap that lives. Near a limit that is too low the runtime does little but collect: a plan of 3,000 roles
// took twice as long. A large heap is collected as often as it is by default.
func limitFor(live int64) int64 { return max(memoryLimit, 2*live+beside) }

// liveHeap gives how many bytes the last collection kept.
func liveHeap() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return int64(sample[0].Value.Uint64()) //nolint:gosec // No heap is that large.
}

// afterEachCollection calls a function after each collection from now on: the finalizer of something that nobody holds.
func afterEachCollection(do func()) {
	type token struct{ _ *int }
	var finalize func(*token)
	finalize = func(*token) {
		do()
		runtime.SetFinalizer(&token{}, finalize)
	}
	runtime.SetFinalizer(&token{}, finalize)
}
