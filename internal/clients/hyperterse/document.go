// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// The keys of a .terse file that matter here.
const (
	adaptersKey         = "adapters"
	queriesKey          = "queries"
	useKey              = "use"
	nameKey             = "name"
	connectorKey        = "connector"
	connectionStringKey = "connection_string"
	optionsKey          = "options"
	mergeKey            = "<<"
)

// document is a .terse file: its text, and the nodes of it.
type document struct {
	source
	// base is the name that the file's own name gives its one adapter; empty for a file of version 1, which has a map of adapters.
	base string
	// root is the map that the file is, or nil when the file holds nothing but comments.
	root *yaml.Node
	// end is the line after the document: that of its end marker, or one past the last.
	end int
}

var blockSyntax = regexp.MustCompile(`(?m)^[ \t]*(adapter|query|server)\b[^:\n#]*\{`)

// parse reads a .terse file of version 1. The error is ErrInvalidFile or ErrBlockSyntax, and names the line.
func parse(text []byte) (*document, error) { return parseAs(text, "") }

// reparse reads a document's text once it was edited.
func (d *document) reparse(text []byte) (*document, error) { return parseAs(text, d.base) }

func parseAs(text []byte, base string) (*document, error) {
	d := &document{source: newSource(text), base: base}
	d.end = len(d.starts)
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("%w: it is not UTF-8", ErrInvalidFile)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var first, second yaml.Node
	err := decoder.Decode(&first)
	if errors.Is(err, io.EOF) {
		return d, nil
	}
	if err != nil {
		return nil, d.explain(err)
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		return nil, fmt.Errorf("%w: line %d: a second YAML document starts; write one document", ErrInvalidFile, second.Line)
	case !errors.Is(err, io.EOF):
		return nil, d.explain(err)
	}
	root := first.Content[0]
	switch {
	case root.Kind == yaml.MappingNode:
		d.root = root
	case isEmpty(root):
		return d, nil
	case blockSyntax.Match(text):
		return nil, ErrBlockSyntax
	default:
		return nil, fmt.Errorf("%w: line %d: it is not a map", ErrInvalidFile, root.Line)
	}
	last := root.Line
	if len(root.Content) > 0 {
		last = root.Content[len(root.Content)-1].Line
	}
	for line := last; line < len(d.starts); line++ {
		if marker := d.line(line); marker == "..." || strings.HasPrefix(marker, "... ") {
			d.end = line
			break
		}
	}
	return d, duplicateKey(root)
}

var yamlLine = regexp.MustCompile(`line \d+: `)

// explain words a parser's error so that it always names a line.
func (d *document) explain(err error) error {
	if blockSyntax.Match(d.text) {
		return ErrBlockSyntax
	}
	for i := range d.starts {
		if line := strings.TrimLeft(d.line(i), " "); strings.HasPrefix(line, "\t") && strings.TrimSpace(line) != "" {
			return fmt.Errorf("%w: line %d: a tab indents it; YAML takes spaces only", ErrInvalidFile, i+1)
		}
	}
	problem := strings.TrimPrefix(err.Error(), "yaml: ")
	if !yamlLine.MatchString(problem) {
		problem = "line 1: " + problem
	}
	return fmt.Errorf("%w: %s", ErrInvalidFile, problem)
}

// duplicateKey finds a key that a map holds twice: YAML forbids it, and Hyperterse refuses it.
func duplicateKey(node *yaml.Node) error {
	if node.Kind == yaml.MappingNode {
		seen := map[string]int{}
		for _, e := range entries(node) {
			if first, twice := seen[e.key.Value]; twice && e.key.Kind == yaml.ScalarNode && e.key.Value != mergeKey {
				return fmt.Errorf("%w: line %d: the key %q is in line %d already", ErrInvalidFile, e.key.Line, e.key.Value, first)
			}
			seen[e.key.Value] = e.key.Line
		}
	}
	for _, child := range node.Content {
		if err := duplicateKey(child); err != nil {
			return err
		}
	}
	return nil
}

// entry is a key of a map, and its value.
type entry struct{ key, value *yaml.Node }

func entries(mapping *yaml.Node) []entry {
	all := make([]entry, 0, len(mapping.Content)/2)
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		all = append(all, entry{mapping.Content[i], mapping.Content[i+1]})
	}
	return all
}

// find gives the place of a key in a map, or -1.
func find(all []entry, key string) int {
	for i, e := range all {
		if e.key.Kind == yaml.ScalarNode && e.key.Value == key {
			return i
		}
	}
	return -1
}

// isEmpty reports whether a value was left out: nothing stands after its key.
func isEmpty(node *yaml.Node) bool {
	return isNull(node) && node.Value == "" && node.Style == 0
}

func isNull(node *yaml.Node) bool { return node.Kind == yaml.ScalarNode && node.ShortTag() == "!!null" }

func isFlow(node *yaml.Node) bool { return node.Style&yaml.FlowStyle != 0 }

// shared reports an anchor, alias or merge key in a node.
func shared(node *yaml.Node) error {
	if node.Anchor != "" || node.Kind == yaml.AliasNode || node.Tag == "!!merge" {
		return fmt.Errorf("line %d: %w", node.Line, ErrAlias)
	}
	for _, child := range node.Content {
		if err := shared(child); err != nil {
			return err
		}
	}
	return nil
}
