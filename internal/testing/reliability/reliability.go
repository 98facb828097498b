// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package reliability is what the suites of 'make test-faults' say of themselves, for the reliability guide. Each part of a report is a file of its
// own in the folder that TEST_RELIABILITY names, since each comes from another test process.
package reliability

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Variable names the folder of a report. Without it, nothing is kept.
const Variable = "TEST_RELIABILITY"

// Faults are what failed between the provider and its servers.
type Faults struct {
	Seed     uint64
	Outcomes []Outcome
}

// Outcome is what came of an operation under a fault.
type Outcome struct {
	Type, Fault, Operation string
	// Error is the first line of the error; empty where the operation succeeded.
	Error   string
	Seconds float64
}

// Kills are processes that were killed while Terraform ran.
type Kills struct {
	Seed uint64
	// Rounds are the runs, Cut those that were cut off in the middle, Fresh those that were followed by an apply in another folder with nothing
	// but the state, and Killed how often each process was killed.
	Rounds, Cut, Fresh, Resources int
	Killed                        map[string]int
	Minutes                       float64
	LongestSeconds                float64 // of an apply after a kill
	Orphans                       int     // what nothing but a person could have found
}

// Interrupts are applies that were ended by Ctrl-C, against servers that answer slowly or not at all.
type Interrupts struct {
	Rounds, Cut    int
	LongestSeconds float64 // from Ctrl-C to the end of the CLI
}

// Limits are what many resources of each kind took, in one configuration.
type Limits struct{ Kinds []Limit }

// Limit is what many resources at once took.
type Limit struct {
	What                       string
	Count                      int
	Apply, Plan, Destroy       float64 // seconds
	MemoryMiB                  float64 // the provider's peak
	Requests, PlanRequests     int     // to the server
	Statements, PlanStatements int
}

// Steady is what a process holds before and after many refreshes.
type Steady struct {
	Refreshes                           int
	GoroutinesBefore, GoroutinesAfter   int
	FilesBefore, FilesAfter             int
	HeapBeforeMiB, HeapAfterMiB         float64
	ConnectionsBefore, ConnectionsAfter int
}

// Leaks are the places that were searched for secrets.
type Leaks struct {
	Secrets, Files int
	MiB            float64
	Places         []string
}

// Write keeps a part of a report. The parts have the names of their types.
func Write[T any](part T) error {
	dir := os.Getenv(Variable)
	if dir == "" {
		return nil
	}
	content, err := json.MarshalIndent(part, "", "  ")
	if err != nil {
		return fmt.Errorf("write a report: %w", err)
	}
	if err := os.MkdirAll(dir, 0o750); err != nil { //nolint:gosec // Whoever runs the tests names the folder.
		return fmt.Errorf("make the report's folder: %w", err)
	}
	if err := os.WriteFile(file[T](dir), content, 0o600); err != nil { //nolint:gosec // As above.
		return fmt.Errorf("write a report: %w", err)
	}
	return nil
}

// Read gives a part of a report; the zero part where it was not written.
func Read[T any](dir string) (T, error) {
	var part T
	content, err := os.ReadFile(file[T](dir))
	if errors.Is(err, fs.ErrNotExist) {
		return part, nil
	}
	if err != nil {
		return part, fmt.Errorf("read a report: %w", err)
	}
	if err := json.Unmarshal(content, &part); err != nil {
		return part, fmt.Errorf("read a report: %w", err)
	}
	return part, nil
}

func file[T any](dir string) string {
	var part T
	return filepath.Join(dir, fmt.Sprintf("%T.json", part))
}
