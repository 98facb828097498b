// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// memoryInterval is how often the provider's processes are looked at. The kernel remembers each one's peak: only what
// one takes in its very last moments is missed.
const memoryInterval = 20 * time.Millisecond

// watchMemory looks at all processes of a binary until stop is called, which gives the highest peak of one's resident
// memory in bytes.
func watchMemory(binary string) (stop func() int64) {
	done, peak := make(chan struct{}), make(chan int64)
	go func() {
		var highest int64
		ticker := time.NewTicker(memoryInterval)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				highest = max(highest, peakOf(binary))
			case <-done:
				peak <- highest
				return
			}
		}
	}()
	return func() int64 {
		close(done)
		return <-peak
	}
}

// peakOf gives the highest peak among the processes of a binary that are alive.
func peakOf(binary string) int64 {
	var highest int64
	executables, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, executable := range executables {
		if target, err := os.Readlink(executable); err == nil && target == binary {
			highest = max(highest, readKilobytes(filepath.Join(filepath.Dir(executable), "status"), "VmHWM"))
		}
	}
	return highest
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
