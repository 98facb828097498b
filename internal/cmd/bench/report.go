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
	Targets []target
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
	return r
}

func newRow(of key, m measure) row {
	line := row{
		Roles: of.roles, Delay: of.delay, Step: of.step, Wall: fmt.Sprintf("%.2f s", m.wall.Seconds()), CPU: fmt.Sprintf("%.2f s", m.cpu.Seconds()),
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
	return page.ExecuteTemplate(out, "results", r)
}

// write writes the guide of a checkout, and the copy that the documentation's generator takes it from.
func (r report) write(root string) error {
	var content bytes.Buffer
	if err := page.Execute(&content, r); err != nil {
		return fmt.Errorf("write the guide: %w", err)
	}
	for _, folder := range []string{"templates", "docs"} {
		name := filepath.Join(root, folder, "guides", "performance.md")
		if err := os.WriteFile(name, content.Bytes(), 0o644); err != nil {
			return fmt.Errorf("write the guide: %w", err)
		}
	}
	return nil
}
