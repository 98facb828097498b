// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"
)

// firstGood gives the first of some texts that is what was wanted: the adapter with its values, and all else, but for the
// adapters named, as before.
func (d *document) firstGood(candidates [][]byte, want Adapter, touched ...string) ([]byte, error) {
	var problems []error
	for _, candidate := range candidates {
		after, err := d.reparse(candidate)
		if err == nil {
			err = sameOthers(d, after, touched...)
		}
		if err == nil {
			err = after.holds(want)
		}
		if err == nil {
			return candidate, nil
		}
		problems = append(problems, err)
	}
	return nil, fmt.Errorf("%w: adapter %q: %w", ErrLayout, want.Name, errors.Join(problems...))
}

// holds checks that the document has an adapter with just these values.
func (d *document) holds(want Adapter) error {
	got, err := d.read(want.Name)
	if err != nil {
		return err
	}
	if got.Name != want.Name || got.Connector != want.Connector || got.ConnectionString != want.ConnectionString || !maps.Equal(got.Options, want.Options) {
		return errors.New("the edit would not give the adapter the values wanted")
	}
	return nil
}

// sameOthers checks that two documents mean the same, adapters of some names aside.
func sameOthers(before, after *document, touched ...string) error {
	if !slices.EqualFunc(others(before, touched), others(after, touched), sameEntry) {
		return errors.New("the edit would change other parts of the file")
	}
	return nil
}

// others gives the entries of the document and of its adapters, without the adapters of some names.
func others(d *document, touched []string) []entry {
	if d.root == nil || d.base != "" { // An adapter's own file holds nothing else.
		return nil
	}
	var all []entry
	for _, e := range entries(d.root) {
		if e.key.Value != adaptersKey {
			all = append(all, e)
		}
	}
	if i := find(entries(d.root), adaptersKey); i >= 0 {
		for _, e := range entries(entries(d.root)[i].value) {
			if !slices.Contains(touched, e.key.Value) {
				all = append(all, e)
			}
		}
	}
	return all
}

func sameEntry(a, b entry) bool { return sameNode(a.key, b.key) && sameNode(a.value, b.value) }

// sameNode reports whether two nodes mean the same and are written in the same style.
func sameNode(a, b *yaml.Node) bool {
	return a.Kind == b.Kind && a.Style == b.Style && a.ShortTag() == b.ShortTag() && a.Value == b.Value && a.Anchor == b.Anchor &&
		slices.EqualFunc(a.Content, b.Content, sameNode)
}
