// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"maps"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/protocol"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/reliability"
)

// held is what this process holds, and what is open at the databases. The service is in this process: what is open there is a file, too.
type held struct {
	goroutines, files, connections int
	heapMiB                        float64
}

// holds measures once nothing is under way.
func (w *world) holds(t *testing.T) held {
	t.Helper()
	w.service.ResetRequests() // The emulator remembers each request.
	var now held
	require.Eventually(t, func() bool {
		before := now
		runtime.GC()
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		files, err := os.ReadDir("/proc/self/fd")
		now = held{goroutines: runtime.NumGoroutine(), files: len(files), heapMiB: float64(memory.HeapAlloc) / (1 << 20)}
		return err == nil && now.goroutines == before.goroutines && now.files == before.files
	}, time.Minute, time.Second)
	now.connections = w.connections(t)
	return now
}

// connections counts what is open at the databases.
func (w *world) connections(t *testing.T) int {
	t.Helper()
	clients, err := w.redis.Text("CLIENT", "LIST")
	require.NoError(t, err)
	return strings.Count(clients, "\n") +
		len(w.database.Texts("SELECT pid::text FROM pg_stat_activity WHERE datname = $1", w.database.Name)) +
		len(w.mariaDB.Texts("SELECT id FROM information_schema.processlist WHERE user <> 'system user'"))
}

// A process that is configured anew for each walk holds after many walks what it holds after a few: it closes what it has opened.
func TestManyRefreshesHoldNoMoreThanAFew(t *testing.T) {
	const closing = 20
	few, many := closing+1, 5*closing
	isWhole := os.Getenv(faultsVariable) != ""
	if isWhole {
		few, many = 100, 1000
	}
	w := newWorld(t, "steady")
	var instances []protocol.Instance
	samples := w.samples(t)
	for _, typeName := range slices.Sorted(maps.Keys(samples)) {
		w.Reconfigure(t) // The allowlist and an entry of it are not of one configuration.
		instances = append(instances, w.Create(t, typeName, samples[typeName].config))
	}
	refreshed := 0
	refresh := func(upTo int) {
		for ; refreshed < upTo; refreshed++ {
			w.Reconfigure(t)
			for _, instance := range instances {
				_, errors := w.Read(t, instance)
				require.Empty(t, errors, instance.TypeName)
			}
		}
	}
	usual := debug.SetGCPercent(-1) // It closes what nobody closed.
	refresh(closing)
	open := w.connections(t)
	debug.SetGCPercent(usual)
	require.Less(t, open, closing, "each configuration closes what the one before it opened")
	refresh(few)
	before := w.holds(t)
	refresh(many)
	after := w.holds(t)
	t.Logf("%d resources, after %d refreshes of each: %+v; after %d: %+v", len(instances), few, before, many, after)
	// What another test of this process ends meanwhile may go, too.
	require.LessOrEqual(t, after.goroutines, before.goroutines+5)
	require.LessOrEqual(t, after.files, before.files+2)
	require.LessOrEqual(t, after.connections, before.connections+1)
	require.LessOrEqual(t, after.heapMiB, before.heapMiB+2)
	if isWhole {
		require.NoError(t, reliability.Write(reliability.Steady{
			Refreshes: many * len(instances), GoroutinesBefore: before.goroutines, GoroutinesAfter: after.goroutines, FilesBefore: before.files, FilesAfter: after.files,
			HeapBeforeMiB: before.heapMiB, HeapAfterMiB: after.heapMiB, ConnectionsBefore: before.connections, ConnectionsAfter: after.connections,
		}))
	}
}
