// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Render writes adapters as a YAML document with the one key adapters, in the order of their names. The same adapters give
// the same text. An adapter of a name that is there twice is ErrAdapterExists.
func Render(adapters []Adapter) (string, error) {
	sorted := slices.SortedFunc(slices.Values(adapters), func(a, b Adapter) int { return cmp.Compare(a.Name, b.Name) })
	lines := []string{adaptersKey + ":"}
	for i, adapter := range sorted {
		if i > 0 && sorted[i-1].Name == adapter.Name {
			return "", fmt.Errorf("%w: %s", ErrAdapterExists, adapter.Name)
		}
		lines = append(lines, blockEntry(adapter.Name, adapter.value(), 2, 2)...)
	}
	text := strings.Join(lines, "\n") + "\n"
	if err := readsBack(text, sorted); err != nil {
		return "", err
	}
	return text, nil
}

// readsBack makes certain that a text is what it was made of.
func readsBack(text string, adapters []Adapter) error {
	var document struct {
		Adapters map[string]struct {
			Connector        string            `yaml:"connector"`
			ConnectionString string            `yaml:"connection_string"`
			Options          map[string]string `yaml:"options"`
		} `yaml:"adapters"`
	}
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		return fmt.Errorf("%w: a value holds what YAML can't", ErrInvalidFile)
	}
	for _, adapter := range adapters {
		got := document.Adapters[adapter.Name]
		if got.Connector != adapter.Connector || got.ConnectionString != adapter.ConnectionString || !maps.Equal(got.Options, adapter.Options) {
			return fmt.Errorf("%w: adapter %q holds what YAML can't", ErrInvalidFile, adapter.Name)
		}
	}
	return nil
}

// RenderFiles writes adapters as version 2 has them: the content of each adapter's file by its path below the project, with a slash
// between folders, as a project without settings of its own is laid out. Two names that differ in case only give two files all the same.
func RenderFiles(adapters []Adapter) (map[string]string, error) {
	sorted := slices.SortedFunc(slices.Values(adapters), func(a, b Adapter) int { return cmp.Compare(a.Name, b.Name) })
	files, taken := make(map[string]string, len(adapters)), map[string]bool{}
	for _, adapter := range sorted {
		base := numbered(adapter.Name, func(base string) bool { return taken[strings.ToLower(base)] })
		taken[strings.ToLower(base)] = true
		text, err := renderFile(base, adapter)
		if err != nil {
			return nil, err
		}
		files[path.Join(defaultRoot, defaultAdapters, base+terseSuffix)] = string(text)
	}
	return files, nil
}

// numbered is a name, or the first of those with a number that is not taken.
func numbered(name string, isTaken func(string) bool) string {
	base := name
	for i := 2; isTaken(base); i++ {
		base = name + "-" + strconv.Itoa(i)
	}
	return base
}

// renderFile writes an adapter as a file of its own, whose name gives it a name.
func renderFile(base string, adapter Adapter) ([]byte, error) {
	value := adapter.value()
	if adapter.Name != base {
		value = append(fields{{nameKey, word(adapter.Name)}}, value...)
	}
	var lines []string
	for _, f := range value {
		lines = append(lines, blockEntry(f.key, f.value, 0, 2)...)
	}
	text := []byte(strings.Join(lines, "\n") + "\n")
	d, err := parseAs(text, base)
	if err == nil {
		err = d.holds(adapter)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: adapter %q holds what YAML can't: %w", ErrInvalidFile, adapter.Name, err)
	}
	return text, nil
}
