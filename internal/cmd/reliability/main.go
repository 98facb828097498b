// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Command reliability writes the reliability guide from what the suites of 'make test-faults' reported.
package main

import (
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"

	"github.com/terrascale/terraform-provider-terrascale/internal/cmd/internal/page"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/reliability"
)

//go:embed reliability.md.tmpl
var text string

func main() {
	in := flag.String("in", "", "the folder of the report")
	page.Main(func() (string, error) { return guide(*in) })
}

// report is all that the suites say.
type report struct {
	Faults     reliability.Faults
	Resources  []table
	Kills      reliability.Kills
	Interrupts reliability.Interrupts
	Limits     reliability.Limits
	Steady     reliability.Steady
	Leaks      reliability.Leaks
}

// guide gives the page, in Markdown. A part that is missing is an error: the page is of whole runs.
func guide(dir string) (string, error) {
	var r report
	var problems []error
	read := func(err error, isThere bool, part string) {
		if err == nil && !isThere {
			err = fmt.Errorf("the report has no %s: run 'make test-faults' to its end", part)
		}
		problems = append(problems, err)
	}
	var err error
	r.Faults, err = reliability.Read[reliability.Faults](dir)
	read(err, len(r.Faults.Outcomes) > 0, "faults")
	r.Kills, err = reliability.Read[reliability.Kills](dir)
	read(err, r.Kills.Rounds > 0, "kills")
	r.Interrupts, err = reliability.Read[reliability.Interrupts](dir)
	read(err, r.Interrupts.Rounds > 0, "interrupts")
	r.Limits, err = reliability.Read[reliability.Limits](dir)
	read(err, len(r.Limits.Kinds) > 0, "limits")
	r.Steady, err = reliability.Read[reliability.Steady](dir)
	read(err, r.Steady.Refreshes > 0, "refreshes")
	r.Leaks, err = reliability.Read[reliability.Leaks](dir)
	read(err, r.Leaks.Secrets > 0, "leaks")
	if err := errors.Join(problems...); err != nil {
		return "", err
	}
	r.Resources = tables(r.Faults.Outcomes)
	return page.Fill(text, template.FuncMap{"counts": counts, "asked": asked, "join": strings.Join}, r)
}

// operations are in the order of a life.
var operations = []string{"create", "read", "update", "rotate", "destroy"}

// table is what came of the faults on one type of resource.
type table struct {
	Type       string
	Operations []string
	Rows       []row
}

// row is what came of one fault, by operation.
type row struct {
	Fault string
	Cells []string
}

func tables(outcomes []reliability.Outcome) []table {
	byType := map[string][]reliability.Outcome{}
	for _, one := range outcomes {
		byType[one.Type] = append(byType[one.Type], one)
	}
	var all []table
	for _, name := range slices.Sorted(maps.Keys(byType)) {
		all = append(all, newTable(name, byType[name]))
	}
	return all
}

func newTable(name string, outcomes []reliability.Outcome) table {
	made := table{Type: name}
	cells := map[string]map[string]*cell{}
	for _, one := range outcomes {
		if cells[one.Fault] == nil {
			cells[one.Fault] = map[string]*cell{}
		}
		if cells[one.Fault][one.Operation] == nil {
			cells[one.Fault][one.Operation] = &cell{}
		}
		cells[one.Fault][one.Operation].add(one)
	}
	for _, operation := range operations {
		if slices.ContainsFunc(outcomes, func(one reliability.Outcome) bool { return one.Operation == operation }) {
			made.Operations = append(made.Operations, operation)
		}
	}
	for _, fault := range slices.Sorted(maps.Keys(cells)) {
		r := row{Fault: fault}
		for _, operation := range made.Operations {
			r.Cells = append(r.Cells, cells[fault][operation].String())
		}
		made.Rows = append(made.Rows, r)
	}
	return made
}

// cell is what came of all tries of one fault in one operation.
type cell struct {
	tries, failed int
	longest       float64
}

func (c *cell) add(one reliability.Outcome) {
	c.tries++
	if one.Error != "" {
		c.failed++
	}
	c.longest = max(c.longest, one.Seconds)
}

// String gives the outcome and the longest time.
func (c *cell) String() string {
	if c == nil {
		return ""
	}
	outcome := "done"
	switch c.failed {
	case 0:
	case c.tries:
		outcome = "error"
	default:
		outcome = fmt.Sprintf("%d of %d done", c.tries-c.failed, c.tries)
	}
	return fmt.Sprintf("%s, %.1f s", outcome, c.longest)
}

// counts gives a map of numbers in words.
func counts(of map[string]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(of)) {
		parts = append(parts, fmt.Sprintf("%s %d ×", name, of[name]))
	}
	return strings.Join(parts, ", ")
}

// asked says what a server was asked for; nothing where it was not counted.
func asked(requests, statements int) string {
	switch {
	case requests == 1:
		return "1 request"
	case requests > 0:
		return fmt.Sprintf("%d requests", requests)
	case statements > 0:
		return fmt.Sprintf("%d statements", statements)
	default:
		return ""
	}
}
