// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/template"
	"time"
)

const guideName = "performance.md"

//go:embed performance.md.tmpl
var guide string

// page is the guide; results is the part of it that a terminal shows, too.
var page = template.Must(template.New("page").Parse(guide))

// report is what the guide is made of.
type report struct {
	Machine machine
	Runs    int
	Schemas int
	Tables  int
	Rows    []row
	Lists   []row
	Duels   []comparison
	// Peers names the other providers.
	Peers   []string
	Targets []target
	Startup startupReport
}

// comparison is a line of the table that compares two providers.
type comparison struct {
	What         string
	Delay        time.Duration
	Step         string
	Ours, Theirs compared
	Ratio        string
}

// compared is one side of it.
type compared struct{ Wall, CLI, Provider, Memory string }

func newCompared(m measure) compared {
	return compared{
		Wall: seconds(m.wall), CLI: seconds(m.cpu - m.own), Provider: seconds(m.own), Memory: fmt.Sprintf("%.0f MiB", float64(m.memory)/mebibyte),
	}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// compare gives the lines of what was measured with two providers.
func (r results) compare(chosen options) []comparison {
	var lines []comparison
	add := func(what string, count int, delay time.Duration, named func(string) string) {
		for _, step := range []string{stepApply, stepPlan, stepDestroy} {
			own, ok := r.median(key{count, delay, named(step)})
			other, also := r.median(key{count, delay, named(theirs(step))})
			if ok && also {
				lines = append(lines, comparison{
					What: fmt.Sprintf("%d %s", count, what), Delay: delay, Step: step, Ours: newCompared(own), Theirs: newCompared(other),
					Ratio: fmt.Sprintf("%.1f ×", other.wall.Seconds()/own.wall.Seconds()),
				})
			}
		}
	}
	for _, delay := range chosen.delays {
		for _, roles := range chosen.roles {
			add("roles", roles, delay, func(step string) string { return step })
		}
		add("MariaDB users", peerUsers, delay, users)
	}
	return lines
}

// row is a line of the table.
type row struct {
	Roles       int
	Delay       time.Duration
	Step        string
	Wall, CPU   string
	Connections int
	Statements  int
	Memory      string
	State       string
	// OwnsNoServer is set for what never speaks to the server, nor to the provider.
	OwnsNoServer bool
}

func newReport(on machine, chosen options, measured results) report {
	r := report{Machine: on, Runs: chosen.runs, Schemas: schemas, Tables: tables, Targets: measured.targets(chosen.delays)}
	for _, delay := range chosen.delays {
		for _, roles := range chosen.roles {
			for _, step := range []string{stepApply, stepPlan, stepFloor, stepDestroy, stepData} {
				if m, ok := measured.median(key{roles, delay, step}); ok {
					r.Rows = append(r.Rows, newRow(key{roles, delay, step}, m))
				}
			}
		}
	}
	for _, length := range chosen.lengths {
		for _, step := range []string{stepEntriesApply, stepEntriesPlan, stepGrantsApply, stepGrantsPlan, stepGrantsDestroy} {
			if m, ok := measured.median(key{length, 0, step}); ok {
				r.Lists = append(r.Lists, newRow(key{length, 0, step}, m))
			}
		}
	}
	r.Duels, r.Peers = measured.compare(chosen), chosen.peerVersions()
	return r
}

func newRow(of key, m measure) row {
	line := row{
		Roles: of.roles, Delay: of.delay, Step: of.step, Wall: seconds(m.wall), CPU: seconds(m.cpu),
		Connections: m.activity.Connections, Statements: m.activity.Statements,
		Memory: fmt.Sprintf("%.0f MiB", float64(m.memory)/mebibyte), OwnsNoServer: of.step == stepData,
	}
	if m.state > 0 {
		line.State = fmt.Sprintf("%.0f KiB", float64(m.state)/1024)
	}
	return line
}

// Gibibytes is the machine's memory.
func (m machine) Gibibytes() string { return fmt.Sprintf("%.0f GiB", float64(m.Memory)/(1<<30)) }

// print shows the tables.
func (r report) print(out io.Writer) error {
	if err := page.ExecuteTemplate(out, "results", r); err != nil {
		return err
	}
	return page.ExecuteTemplate(out, "startup", r.Startup)
}

// write writes the guide of a checkout, and the copy that the documentation's generator takes it from.
func (r report) write(root string) error {
	var content bytes.Buffer
	if err := page.Execute(&content, r); err != nil {
		return fmt.Errorf("write the guide: %w", err)
	}
	return writeGuide(root, content.Bytes())
}

func writeGuide(root string, content []byte) error {
	for _, folder := range []string{"templates", "docs"} {
		name := filepath.Join(root, folder, "guides", guideName)
		if err := os.WriteFile(name, content, 0o644); err != nil {
			return fmt.Errorf("write the guide: %w", err)
		}
	}
	return nil
}
