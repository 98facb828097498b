// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// watchInterval is how often a provider's processes are looked at. The kernel remembers each one's peak of memory and its processor time:
// only what one takes in its very last moments is missed.
const watchInterval = 20 * time.Millisecond

// usage is what the processes of a binary took: the highest peak of one's resident memory, in bytes, and the processor time of all.
type usage struct {
	memory int64
	cpu    time.Duration
}

// watch looks at all processes of a binary until stop is called.
func watch(binary string) (stop func() usage) {
	done, seen := make(chan struct{}), make(chan usage)
	go func() {
		var all usage
		times := map[string]time.Duration{}
		ticker := time.NewTicker(watchInterval)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				for _, process := range processesOf(binary) {
					all.memory = max(all.memory, readKilobytes(filepath.Join(process, "status"), "VmHWM"))
					times[process] = max(times[process], processorTime(filepath.Join(process, "stat")))
				}
			case <-done:
				for _, time := range times {
					all.cpu += time
				}
				seen <- all
				return
			}
		}
	}()
	return func() usage {
		close(done)
		return <-seen
	}
}

// processesOf gives the folders in /proc of the processes of a binary that are alive.
func processesOf(binary string) []string {
	var folders []string
	executables, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, executable := range executables {
		if target, err := os.Readlink(executable); err == nil && target == binary {
			folders = append(folders, filepath.Dir(executable))
		}
	}
	return folders
}

// ticksPerSecond is what the kernel counts processor time in (USER_HZ), on all that it runs on today.
const ticksPerSecond = 100

// processorTime reads the fields utime and stime of a process's stat; 0 where it is not.
func processorTime(file string) time.Duration {
	content, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	// The name, in parentheses, may hold anything.
	fields := strings.Fields(string(content[bytes.LastIndexByte(content, ')')+1:]))
	const utime, stime = 11, 12
	if len(fields) <= stime {
		return 0
	}
	var ticks int64
	for _, field := range []int{utime, stime} {
		count, _ := strconv.ParseInt(fields[field], 10, 64)
		ticks += count
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond
}

// readKilobytes reads a field such as "VmHWM:   1234 kB", in bytes; 0 where it is not.
func readKilobytes(file, field string) int64 {
	content, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(content)) {
		words := strings.Fields(line)
		if len(words) == 3 && words[0] == field+":" {
			kilobytes, _ := strconv.ParseInt(words[1], 10, 64)
			return kilobytes * 1024
		}
	}
	return 0
}
