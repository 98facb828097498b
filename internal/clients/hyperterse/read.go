// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// mapping is a map of the document, and how far its lines reach.
type mapping struct {
	node *yaml.Node
	// limit is the line of the first thing after the map.
	limit int
}

// at gives the value of a map's entry.
func (m mapping) at(i int) mapping {
	all := entries(m.node)
	limit := m.limit
	if i+1 < len(all) {
		limit = all[i+1].key.Line - 1
	}
	return mapping{all[i].value, limit}
}

// top is the document's map.
func (d *document) top() mapping { return mapping{d.root, d.end} }

// adapters gives the map of adapters and its place in the document's map, or -1.
func (d *document) adapters() (mapping, int, error) {
	if d.root == nil {
		return mapping{}, -1, nil
	}
	all := entries(d.root)
	if d.root.Anchor != "" || find(all, mergeKey) >= 0 {
		return mapping{}, -1, fmt.Errorf("line %d: %w", d.root.Line, ErrAlias)
	}
	i := find(all, adaptersKey)
	if i < 0 {
		return mapping{}, -1, nil
	}
	value := all[i].value
	switch {
	case value.Kind == yaml.AliasNode || value.Anchor != "" || value.Kind == yaml.MappingNode && find(entries(value), mergeKey) >= 0:
		return mapping{}, -1, fmt.Errorf("line %d: adapters: %w", all[i].key.Line, ErrAlias)
	case value.Kind != yaml.MappingNode && !isNull(value):
		return mapping{}, -1, fmt.Errorf("%w: line %d: adapters is not a map", ErrInvalidFile, all[i].key.Line)
	}
	return d.top().at(i), i, nil
}

// adapter gives an adapter's map, the map of all adapters, and its place in there. In a file of its own there is no other.
func (d *document) adapter(name string) (own, all mapping, place int, err error) {
	if d.base != "" {
		own, err = d.onlyAdapter()
		return own, mapping{}, -1, err
	}
	all, i, err := d.adapters()
	if err != nil {
		return own, all, -1, err
	}
	if i < 0 || isNull(all.node) {
		return own, all, -1, ErrAdapterNotFound
	}
	place = find(entries(all.node), name)
	if place < 0 {
		return own, all, -1, ErrAdapterNotFound
	}
	e := entries(all.node)[place]
	if err := shared(&yaml.Node{Content: []*yaml.Node{e.key, e.value}}); err != nil {
		return own, all, place, fmt.Errorf("adapter %q: %w", name, err)
	}
	if e.value.Kind != yaml.MappingNode {
		return own, all, place, fmt.Errorf("%w: line %d: adapter %q is not a map with connector, connection_string and options",
			ErrInvalidFile, e.key.Line, name)
	}
	return all.at(place), all, place, nil
}

// onlyAdapter is the map of a file that is one adapter.
func (d *document) onlyAdapter() (mapping, error) {
	if d.root == nil {
		return mapping{}, fmt.Errorf("%w: it is empty", ErrInvalidFile)
	}
	if err := shared(d.root); err != nil {
		return mapping{}, err
	}
	for _, e := range entries(d.root) {
		if !slices.Contains([]string{nameKey, connectorKey, connectionStringKey, optionsKey}, e.key.Value) {
			return mapping{}, fmt.Errorf("%w: line %d: Hyperterse 2 knows no field %q of an adapter: it takes connector, connection_string, "+
				"options and name", ErrInvalidFile, e.key.Line, e.key.Value)
		}
	}
	return d.top(), nil
}

// ownName is the name of the one adapter of a file, as far as it can be told: what the file says, or the file's own.
func (d *document) ownName() string {
	if d.root != nil {
		if i := find(entries(d.root), nameKey); i >= 0 {
			if name, err := text(entries(d.root)[i]); err == nil && name != "" {
				return name
			}
		}
	}
	return d.base
}

// read gives an adapter's values. The one adapter of a file has the name that it has.
func (d *document) read(name string) (Adapter, error) {
	own, _, _, err := d.adapter(name)
	if err != nil {
		return Adapter{}, err
	}
	adapter := Adapter{Name: name}
	if d.base != "" {
		adapter.Name = d.ownName()
	}
	for _, e := range entries(own.node) {
		switch e.key.Value {
		case connectorKey:
			adapter.Connector, err = text(e)
		case connectionStringKey:
			adapter.ConnectionString, err = text(e)
		case optionsKey:
			adapter.Options, err = texts(e)
		}
		if err != nil {
			return Adapter{}, fmt.Errorf("adapter %q: %w", name, err)
		}
	}
	return adapter, nil
}

// text gives a scalar's text, whatever its type.
func text(e entry) (string, error) {
	if e.value.Kind != yaml.ScalarNode {
		return "", fmt.Errorf("%w: line %d: %s is not a single value", ErrInvalidFile, e.key.Line, e.key.Value)
	}
	if isNull(e.value) {
		return "", nil
	}
	return e.value.Value, nil
}

func texts(e entry) (map[string]string, error) {
	if isNull(e.value) {
		return nil, nil
	}
	if e.value.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%w: line %d: %s is not a map", ErrInvalidFile, e.key.Line, e.key.Value)
	}
	values := make(map[string]string, len(e.value.Content)/2)
	for _, option := range entries(e.value) {
		value, err := text(option)
		if err != nil {
			return nil, err
		}
		values[option.key.Value] = value
	}
	return values, nil
}

// refersTo reports whether the connection string or an option of any adapter, but for one, refers to a variable.
func (d *document) refersTo(variable, except string) bool {
	if d.base != "" {
		return d.root != nil && d.ownName() != except && nodeRefersTo(d.root, variable)
	}
	all, i, err := d.adapters()
	if err != nil || i < 0 {
		return false
	}
	return slices.ContainsFunc(entries(all.node), func(e entry) bool {
		return e.key.Value != except && nodeRefersTo(e.value, variable)
	})
}

// names lists the adapters, sorted: of a file of version 2, the one that it is.
func (d *document) names() []string {
	if d.base != "" {
		return []string{d.ownName()}
	}
	all, i, err := d.adapters()
	if err != nil || i < 0 {
		return nil
	}
	var names []string
	for _, e := range entries(all.node) {
		names = append(names, e.key.Value)
	}
	slices.Sort(names)
	return names
}

func nodeRefersTo(node *yaml.Node, variable string) bool {
	return node.Kind == yaml.ScalarNode && slices.Contains(References(node.Value), variable) ||
		slices.ContainsFunc(node.Content, func(child *yaml.Node) bool { return nodeRefersTo(child, variable) })
}

// checkVersion is ErrVersion2 for what can't be a file of version 1.
func (d *document) checkVersion() error {
	if d.root == nil || find(entries(d.root), adaptersKey) >= 0 {
		return nil
	}
	for _, key := range []string{connectorKey, connectionStringKey} {
		if i := find(entries(d.root), key); i >= 0 {
			return fmt.Errorf("%w: line %d: the file is one adapter, not a configuration with a map of adapters", ErrVersion2, entries(d.root)[i].key.Line)
		}
	}
	return nil
}

// queriesOf lists the queries that name an adapter: "query NAME".
func (d *document) queriesOf(adapter string) []string {
	if d.root == nil {
		return nil
	}
	i := find(entries(d.root), queriesKey)
	if i < 0 || entries(d.root)[i].value.Kind != yaml.MappingNode {
		return nil
	}
	var queries []string
	for _, query := range entries(entries(d.root)[i].value) {
		if query.value.Kind != yaml.MappingNode {
			continue
		}
		if use := find(entries(query.value), useKey); use >= 0 && names(entries(query.value)[use].value, adapter) {
			queries = append(queries, "query "+query.key.Value)
		}
	}
	return queries
}

// names reports whether a value, or one of a list, is a name.
func names(node *yaml.Node, name string) bool {
	return node.Kind == yaml.ScalarNode && strings.TrimSpace(node.Value) == name ||
		node.Kind == yaml.SequenceNode && slices.ContainsFunc(node.Content, func(item *yaml.Node) bool { return names(item, name) })
}
