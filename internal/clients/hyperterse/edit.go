// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"bytes"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// fields are the value of an entry that is a map, in the order to write them; word is a value that needs no quotes where
// YAML takes it for text anyway.
type (
	fields []field
	field  struct {
		key   string
		value any
	}
	word string
)

// region gives the first and last line of a map's entry: the line of its key, and all that is indented below it.
func (d *document) region(m mapping, i int) (first, last int, err error) {
	key := entries(m.node)[i].key
	first = key.Line - 1
	own := d.offset(key.Line, key.Column) - d.offset(key.Line, 1)
	if strings.Trim(string(d.text[d.offset(key.Line, 1):d.offset(key.Line, key.Column)]), " ") != "" {
		return 0, 0, fmt.Errorf("%w: line %d: something stands before the key %q", ErrLayout, key.Line, key.Value)
	}
	last = first
	for line := first + 1; line < m.at(i).limit; line++ {
		text := d.line(line)
		trimmed := strings.TrimSpace(text)
		if trimmed == "" || strings.HasPrefix(trimmed, "#") && indentation(text) <= own {
			continue
		}
		last = line
	}
	return first, last, nil
}

// step gives the file's step of indentation: that of its first nested map.
func (d *document) step() int {
	if d.root != nil {
		for _, e := range entries(d.root) {
			if e.value.Kind == yaml.MappingNode && !isFlow(e.value) && len(e.value.Content) > 0 {
				return e.value.Content[0].Column - e.key.Column
			}
		}
	}
	return 2
}

// put adds an entry to a map. In block style it goes after the last entry, or where that changes what the last entry
// means (a literal text that keeps its blank lines), before the first.
func (d *document) put(m mapping, key string, value any) (candidates [][]byte, err error) {
	if isFlow(m.node) {
		open := d.offset(m.node.Line, m.node.Column)
		if m.node.Style&yaml.TaggedStyle != 0 || m.node.Anchor != "" || d.text[open] != '{' {
			return nil, fmt.Errorf("%w: line %d: a tag or anchor stands before {", ErrLayout, m.node.Line)
		}
		inserted := flowEntry(key, value)
		if len(m.node.Content) > 0 {
			inserted += ","
		}
		return [][]byte{splice(d.text, open+1, open+1, inserted)}, nil
	}
	all := entries(m.node)
	first, _, err := d.region(m, 0)
	if err != nil {
		return nil, err
	}
	_, last, err := d.region(m, len(all)-1)
	if err != nil {
		return nil, err
	}
	lines := blockEntry(key, value, all[0].key.Column-1, d.step())
	return [][]byte{d.insert(last+1, lines), d.insert(first, lines)}, nil
}

// drop removes an entry from a map that has others.
func (d *document) drop(m mapping, i int) ([]byte, error) {
	if isFlow(m.node) {
		return d.dropFlow(m, i), nil
	}
	first, last, err := d.region(m, i)
	if err != nil {
		return nil, err
	}
	return d.remove(first, last), nil
}

// dropFlow removes an entry of a map in flow style with one of the commas beside it.
func (d *document) dropFlow(m mapping, i int) []byte {
	e := entries(m.node)[i]
	from, to := d.offset(e.key.Line, e.key.Column), d.entryEnd(e)
	before := bytes.TrimRight(d.text[:from], " \t\r\n")
	after := bytes.TrimLeft(d.text[to:], " \t\r\n")
	switch {
	case bytes.HasPrefix(after, []byte(",")):
		to = len(d.text) - len(after) + 1
		if from > 0 && d.text[from-1] == ' ' && to < len(d.text) && d.text[to] == ' ' {
			to++
		}
	case bytes.HasSuffix(before, []byte(",")):
		from = len(before) - 1
	}
	return splice(d.text, from, to, "")
}

// entryEnd gives the end of an entry of a map in flow style.
func (d *document) entryEnd(e entry) int {
	if isEmpty(e.value) {
		return d.skipFlow(d.offset(e.key.Line, e.key.Column))
	}
	return d.skipFlow(d.offset(e.value.Line, e.value.Column))
}

// set gives an entry of a map another value, in place where it is a scalar for a scalar.
func (d *document) set(m mapping, i int, value any) ([]byte, error) {
	e := entries(m.node)[i]
	if text, scalar := value.(string); scalar {
		if from, to, ok := d.token(e.value, isFlow(m.node)); ok {
			return splice(d.text, from, to, restyled(text, e.value)), nil
		}
	}
	if isFlow(m.node) {
		return splice(d.text, d.offset(e.key.Line, e.key.Column), d.entryEnd(e), flowEntry(e.key.Value, value)), nil
	}
	first, last, err := d.region(m, i)
	if err != nil {
		return nil, err
	}
	cut := newSource(d.remove(first, last))
	return cut.insert(first, blockEntry(e.key.Value, value, e.key.Column-1, d.step())), nil
}

// blockEntry gives the lines of an entry in block style. A value is a string, or fields in their order.
func blockEntry(key string, value any, indent, step int) []string {
	margin := strings.Repeat(" ", indent)
	switch value := value.(type) {
	case fields:
		lines := []string{margin + plain(key) + ":"}
		for _, f := range value {
			lines = append(lines, blockEntry(f.key, f.value, indent+step, step)...)
		}
		return lines
	case string:
		return []string{margin + plain(key) + ": " + quoted(value, 0)}
	case word:
		return []string{margin + plain(key) + ": " + plain(string(value))}
	default:
		panic(fmt.Sprintf("hyperterse: no way to write a %T", value))
	}
}

// flowEntry gives an entry in flow style.
func flowEntry(key string, value any) string {
	switch value := value.(type) {
	case fields:
		parts := make([]string, len(value))
		for i, f := range value {
			parts[i] = flowEntry(f.key, f.value)
		}
		return plain(key) + ": {" + strings.Join(parts, ", ") + "}"
	case string:
		return plain(key) + ": " + quoted(value, 0)
	case word:
		return plain(key) + ": " + plain(string(value))
	default:
		panic(fmt.Sprintf("hyperterse: no way to write a %T", value))
	}
}
