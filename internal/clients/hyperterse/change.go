// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The marks that tell a later run, and a reader, what is to go with the last thing in it.
const (
	fileMark = "# Made by Terraform, which removes this file when nothing else is left in it."
	keyMark  = " # Added by Terraform, which removes this line with the last adapter."
)

// value gives an adapter's fields in the order in which the documentation writes them.
func (a Adapter) value() fields {
	value := fields{{connectorKey, word(a.Connector)}, {connectionStringKey, a.ConnectionString}}
	if len(a.Options) > 0 {
		value = append(value, field{optionsKey, optionFields(a.Options)})
	}
	return value
}

func optionFields(options map[string]string) fields {
	value := make(fields, 0, len(options))
	for _, name := range slices.Sorted(maps.Keys(options)) {
		value = append(value, field{name, options[name]})
	}
	return value
}

// create gives the text with an adapter added, or ErrAdapterExists.
func (d *document) create(adapter Adapter) ([]byte, error) {
	all, place, err := d.adapters()
	if err != nil {
		return nil, err
	}
	var candidates [][]byte
	switch {
	case place < 0 && d.root != nil && isFlow(d.root):
		return nil, fmt.Errorf("%w: line %d: the whole file is one map in braces: write adapters: {} into it", ErrLayout, d.root.Line)
	case place < 0:
		candidates = d.putFirst(adapter)
	case isNull(all.node):
		candidates, err = d.fill(place, adapter)
	case find(entries(all.node), adapter.Name) >= 0:
		return nil, ErrAdapterExists
	default:
		candidates, err = d.put(all, adapter.Name, adapter.value())
	}
	if err != nil {
		return nil, err
	}
	return d.firstGood(candidates, adapter, adapter.Name)
}

// putFirst adds the key adapters at the document's end, or where that changes what the end means (a literal text without a
// final newline), before the first key.
func (d *document) putFirst(adapter Adapter) [][]byte {
	lines := d.firstAdapter(adapter)
	candidates := [][]byte{d.insert(d.end, lines)}
	if d.root != nil {
		candidates = append(candidates, d.insert(d.root.Content[0].Line-1, lines))
	}
	return candidates
}

// firstAdapter gives the lines of an adapter and of the key adapters itself.
func (d *document) firstAdapter(adapter Adapter) []string {
	indent := 0
	if d.root != nil {
		indent = d.root.Content[0].Column - 1
	}
	head := strings.Repeat(" ", indent) + adaptersKey + ":" + keyMark
	return append([]string{head}, blockEntry(adapter.Name, adapter.value(), indent+d.step(), d.step())...)
}

// fill gives the key adapters, which has no value, its first adapter.
func (d *document) fill(place int, adapter Adapter) ([][]byte, error) {
	e := entries(d.root)[place]
	if from, to, explicit := d.token(e.value, isFlow(d.root)); explicit {
		return [][]byte{splice(d.text, from, to, "{"+flowEntry(adapter.Name, adapter.value())+"}")}, nil
	}
	if isFlow(d.root) || !isEmpty(e.value) {
		return nil, fmt.Errorf("%w: line %d: write adapters: {}", ErrLayout, e.key.Line)
	}
	_, last, err := d.region(d.top(), place)
	if err != nil {
		return nil, err
	}
	return [][]byte{d.insert(last+1, blockEntry(adapter.Name, adapter.value(), e.key.Column-1+d.step(), d.step()))}, nil
}

// update gives the text with an adapter's values and name changed. What is as wanted already stays as it is written.
func (d *document) update(name string, adapter Adapter) ([]byte, error) {
	if _, err := d.read(name); err != nil {
		return nil, err
	}
	if name != adapter.Name && d.base == "" {
		if _, _, _, err := d.adapter(adapter.Name); err == nil {
			return nil, ErrAdapterExists
		}
	}
	now := d
	steps := []func(*document) ([]byte, error){
		func(d *document) ([]byte, error) { return d.give(name, connectorKey, word(adapter.Connector)) },
		func(d *document) ([]byte, error) { return d.give(name, connectionStringKey, adapter.ConnectionString) },
		func(d *document) ([]byte, error) { return d.giveOptions(name, adapter.Options) },
		func(d *document) ([]byte, error) { return d.rename(name, adapter.Name) },
	}
	for _, step := range steps {
		changed, err := step(now)
		if err != nil {
			return nil, err
		}
		if bytes.Equal(changed, now.text) {
			continue
		}
		if now, err = now.reparse(changed); err != nil {
			return nil, fmt.Errorf("%w: adapter %q: %w", ErrLayout, name, err)
		}
	}
	return d.firstGood([][]byte{now.text}, adapter, name, adapter.Name)
}

// give sets one field of an adapter.
func (d *document) give(name, key string, value any) ([]byte, error) {
	own, all, place, err := d.adapter(name)
	if err != nil {
		return nil, err
	}
	if len(own.node.Content) == 0 {
		if d.base != "" {
			return nil, fmt.Errorf("%w: line %d: write the adapter's fields into it, or remove the file", ErrLayout, own.node.Line)
		}
		return d.set(all, place, fields{{key, value}})
	}
	i := find(entries(own.node), key)
	if i < 0 {
		candidates, err := d.put(own, key, value)
		if err != nil {
			return nil, err
		}
		return candidates[0], nil
	}
	wanted, isText := value.(string)
	if w, isWord := value.(word); isWord {
		wanted, isText = string(w), true
	}
	if now, err := text(entries(own.node)[i]); isText && err == nil && now == wanted && !isNull(entries(own.node)[i].value) {
		return d.text, nil
	}
	if isText {
		return d.set(own, i, wanted)
	}
	return d.set(own, i, value)
}

// giveOptions sets the options of an adapter, one by one where there are some.
func (d *document) giveOptions(name string, options map[string]string) ([]byte, error) {
	own, _, _, err := d.adapter(name)
	if err != nil {
		return nil, err
	}
	i := find(entries(own.node), optionsKey)
	switch {
	case len(options) == 0 && i < 0:
		return d.text, nil
	case len(options) == 0:
		if now, err := texts(entries(own.node)[i]); err == nil && len(now) == 0 {
			return d.text, nil
		}
		return d.drop(own, i)
	case i < 0 || own.at(i).node.Kind != yaml.MappingNode || len(own.at(i).node.Content) == 0:
		return d.give(name, optionsKey, optionFields(options))
	}
	// One change at a time: a change moves what comes after it, so that the text is read again before the next.
	changed, err := d.nextOption(own.at(i), options)
	if err != nil || changed == nil {
		return d.text, err
	}
	next, err := d.reparse(changed)
	if err != nil {
		return nil, fmt.Errorf("%w: options of adapter %q: %w", ErrLayout, name, err)
	}
	return next.giveOptions(name, options)
}

// nextOption makes the first change that brings the options nearer to those wanted, or gives nil. It adds before it
// drops, so that the map never becomes empty in between.
func (d *document) nextOption(m mapping, options map[string]string) ([]byte, error) {
	all := entries(m.node)
	for _, name := range slices.Sorted(maps.Keys(options)) {
		i := find(all, name)
		if i < 0 {
			candidates, err := d.put(m, name, options[name])
			if err != nil {
				return nil, err
			}
			return candidates[0], nil
		}
		if now, err := text(all[i]); err != nil || now != options[name] || isNull(all[i].value) {
			return d.set(m, i, options[name])
		}
	}
	for i, e := range all {
		if _, wanted := options[e.key.Value]; !wanted {
			return d.drop(m, i)
		}
	}
	return nil, nil
}

// rename gives an adapter another name, where it stands. A file of its own says it only where the file's name does not.
func (d *document) rename(name, newName string) ([]byte, error) {
	switch {
	case d.base != "" && d.ownName() == newName:
		return d.text, nil
	case d.base != "":
		return d.give(name, nameKey, word(newName))
	case name == newName:
		return d.text, nil
	}
	_, all, place, err := d.adapter(name)
	if err != nil {
		return nil, err
	}
	key := entries(all.node)[place].key
	from := d.offset(key.Line, key.Column)
	to := from + len(name)
	if key.Style != 0 {
		to = d.skipFlow(from)
	}
	if plainKey := string(d.text[from:to]); key.Style == 0 && plainKey != name {
		return nil, fmt.Errorf("%w: line %d: the key %q is written in an unusual way", ErrLayout, key.Line, name)
	}
	return splice(d.text, from, to, restyled(newName, key)), nil
}

// delete gives the text without an adapter, and without what was added for the first one.
func (d *document) delete(name string) ([]byte, error) {
	_, all, place, err := d.adapter(name)
	if err != nil {
		return nil, err
	}
	remaining, err := d.drop(all, place)
	if err != nil {
		return nil, err
	}
	after, err := d.reparse(remaining)
	if err != nil {
		return nil, fmt.Errorf("%w: adapter %q: %w", ErrLayout, name, err)
	}
	if err := sameOthers(d, after, name); err != nil {
		return nil, fmt.Errorf("%w: adapter %q: %w", ErrLayout, name, err)
	}
	return after.dropMarkedKey()
}

// dropMarkedKey removes the key adapters if it is empty and was added with the first adapter.
func (d *document) dropMarkedKey() ([]byte, error) {
	all, place, err := d.adapters()
	if err != nil || place < 0 || !isNull(all.node) {
		return d.text, err
	}
	first, last, err := d.region(d.top(), place)
	if err != nil || first != last || strings.TrimLeft(d.line(first), " ") != adaptersKey+":"+keyMark {
		return d.text, err
	}
	return d.remove(first, last), nil
}
