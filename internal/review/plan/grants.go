// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plan

import "slices"

// grants tells what a login may read, by schema or database.
func (t *teller) grants() {
	before, after := t.before.at("grants"), t.after.at("grants")
	if before.isHidden() || after.isHidden() || after.state == unknown {
		return
	}
	for _, schema := range union(before.keys(), after.keys()) {
		was, becomes := before.at(schema), after.at(schema)
		if becomes.isOpen() {
			continue // What is unknown is told by itself.
		}
		t.reach(reachOf(schema, was), reachOf(schema, becomes))
	}
}

// reach is what a grant covers.
type reach struct {
	schema string
	// isWhole says that all tables are covered, but those left out.
	isWhole    bool
	exceptions []string
	tables     []string
	columns    map[string][]string
	sequences  bool
}

func reachOf(schema string, grant value) reach {
	r := reach{schema: schema, columns: map[string][]string{}}
	if grant.isNull() {
		return r
	}
	columns := grant.at("columns")
	for _, table := range columns.keys() {
		r.columns[table] = columns.at(table).texts()
	}
	r.isWhole = grant.at("tables").isNull() && len(r.columns) == 0
	r.exceptions, r.tables = grant.at("except").texts(), grant.at("tables").texts()
	r.sequences = grant.at("sequences").is("true")
	return r
}

// all gives the words for a whole schema.
func (r reach) all() phrase {
	words := say("all tables of %s", name(r.schema))
	if len(r.exceptions) > 0 {
		words += say(" except %s", names(r.exceptions[:min(len(r.exceptions), namesALine)]...))
		if more := len(r.exceptions) - namesALine; more > 0 {
			words += say(" and %s more", number(more))
		}
	}
	return words
}

// inSchema gives the names of tables with that of their schema.
func (r reach) inSchema(tables []string) []string {
	full := make([]string, len(tables))
	for i, table := range tables {
		full[i] = r.schema + "." + table
	}
	return full
}

// reach tells what changes between two reaches of one schema.
func (t *teller) reach(was, becomes reach) {
	switch {
	case becomes.isWhole && !was.isWhole:
		t.say(gains, "can now read %s, future ones too", becomes.all())
	case was.isWhole && !becomes.isWhole:
		only := phrase("")
		if n := len(becomes.tables); n > 0 && n <= namesALine {
			only = say(", only %s", names(becomes.inSchema(becomes.tables)...))
		}
		t.say(loses, "can no longer read %s%s", was.all(), only)
	case was.isWhole:
		t.each(gains, "can now read %s", was.inSchema(minus(was.exceptions, becomes.exceptions)))
		t.each(loses, "can no longer read %s", was.inSchema(minus(becomes.exceptions, was.exceptions)))
	default:
		t.each(gains, "can now read %s", was.inSchema(minus(becomes.tables, was.tables)))
	}
	if !was.isWhole {
		lost := minus(was.tables, becomes.tables)
		if becomes.isWhole {
			lost = keep(lost, func(table string) bool { return slices.Contains(becomes.exceptions, table) })
		}
		t.each(loses, "can no longer read %s", was.inSchema(lost))
	}
	t.columns(was, becomes)
	switch {
	case becomes.sequences && !was.sequences:
		t.say(gains, "can now read all sequences of %s", name(was.schema))
	case was.sequences && !becomes.sequences:
		t.say(loses, "can no longer read all sequences of %s", name(was.schema))
	}
}

// columns tells the columns that are granted one by one.
func (t *teller) columns(was, becomes reach) {
	var tables []string
	for table := range was.columns {
		tables = append(tables, table)
	}
	for table := range becomes.columns {
		tables = append(tables, table)
	}
	for _, table := range union(tables, nil) {
		place := name(was.schema + "." + table)
		for _, some := range chunks(minus(becomes.columns[table], was.columns[table])) {
			t.say(gains, "can now read the %s of %s", counted("column", some), place)
		}
		if becomes.isWhole {
			continue // The columns that are not named any more are read with the table.
		}
		for _, some := range chunks(minus(was.columns[table], becomes.columns[table])) {
			if !slices.Contains(becomes.tables, table) {
				t.say(loses, "can no longer read the %s of %s", counted("column", some), place)
			}
		}
	}
}
