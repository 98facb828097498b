// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
)

// newFileMode is that of a .terse file that did not exist: it holds no secret.
const newFileMode fs.FileMode = 0o644

// ConfigFile is the path of a .terse file of version 1: adapters and queries in one file. One that is not there is made with the first
// adapter.
type ConfigFile string

// Path is the path.
func (c ConfigFile) Path() string { return string(c) }

// File is the path, whatever the adapter.
func (c ConfigFile) File(string) (string, error) { return string(c), nil }

// Check reads the file and reports whether it could be edited: ErrInvalidFile, ErrBlockSyntax, ErrAlias or ErrVersion2 if not.
// One that is not there could.
func (c ConfigFile) Check() error {
	_, err := c.open()
	return err
}

// Read gives an adapter, or ErrAdapterNotFound, also when there is no file.
func (c ConfigFile) Read(name string) (Adapter, error) {
	seen, err := c.view()
	if err != nil {
		return Adapter{}, err
	}
	return seen.read(name)
}

// Names lists the adapters of the file, sorted.
func (c ConfigFile) Names() ([]string, error) {
	seen, err := c.view()
	if err != nil {
		return nil, err
	}
	return seen.names(), nil
}

// RefersTo reports whether any adapter, but for one, refers to an environment variable.
func (c ConfigFile) RefersTo(variable, except string) (bool, error) {
	seen, err := c.view()
	if err != nil {
		return false, err
	}
	return seen.refersTo(variable, except), nil
}

// Uses lists the queries that name an adapter.
func (c ConfigFile) Uses(name string) ([]string, error) {
	seen, err := c.view()
	if err != nil {
		return nil, err
	}
	return seen.uses(name)
}

// Locked runs a function while nobody else changes the file.
func (c ConfigFile) Locked(ctx context.Context, do func() error) error {
	return locked(ctx, string(c), do)
}

// Create adds an adapter, making the file if there is none. A variable, if given, is set first, when it is certain that the adapter
// can be added: a gateway that watches the file never sees the adapter without it.
func (c ConfigFile) Create(ctx context.Context, adapter Adapter, variable *Variable) error {
	return c.apply(ctx, variable, func(d *document) ([]byte, error) { return d.create(adapter) })
}

// Update gives an adapter other values and perhaps another name, and sets a variable, if given, before that.
func (c ConfigFile) Update(ctx context.Context, name string, adapter Adapter, variable *Variable) error {
	return c.apply(ctx, variable, func(d *document) ([]byte, error) { return d.update(name, adapter) })
}

// Delete removes an adapter, and the file if it was made by Create and nothing else is left in it.
func (c ConfigFile) Delete(ctx context.Context, name string) error {
	return c.apply(ctx, nil, func(d *document) ([]byte, error) { return d.delete(name) })
}

// apply edits the file, after the variable was set.
func (c ConfigFile) apply(ctx context.Context, variable *Variable, decide func(*document) ([]byte, error)) error {
	if err := c.checkKind(); err != nil {
		return err
	}
	err := settingFirst(ctx, variable, func(set func() error) error {
		return edit(ctx, string(c), func(f file) (change, error) {
			if f.info == nil {
				f.text = []byte(fileMark + "\n")
			}
			d, err := c.parse(f.text)
			if err != nil {
				return change{}, err
			}
			text, err := decide(d)
			return change{text: text, mode: f.modeOr(newFileMode), remove: isOnlyMark(text)}, err
		}, set)
	})
	return inFile(string(c), err)
}

// isOnlyMark reports whether nothing is left of a file but the line that says who made it.
func isOnlyMark(text []byte) bool { return strings.TrimSpace(string(text)) == fileMark }

func (c ConfigFile) open() (*document, error) {
	if err := c.checkKind(); err != nil {
		return nil, err
	}
	f, err := load(string(c))
	if err != nil {
		return nil, inFile(string(c), err)
	}
	d, err := c.parse(f.text)
	if err == nil {
		_, _, err = d.adapters()
	}
	return d, inFile(string(c), err)
}

func (c ConfigFile) view() (view, error) {
	d, err := c.open()
	if err != nil {
		return nil, err
	}
	return configView{c, d}, nil
}

// configView is a configuration as it was read.
type configView struct {
	place    ConfigFile
	document *document
}

func (v configView) file(string) (string, error) { return string(v.place), nil }

func (v configView) read(name string) (Adapter, error) {
	adapter, err := v.document.read(name)
	return adapter, inFile(string(v.place), err)
}

func (v configView) names() []string { return v.document.names() }

func (v configView) refersTo(variable, except string) bool {
	return v.document.refersTo(variable, except)
}

func (v configView) uses(name string) ([]string, error) { return v.document.queriesOf(name), nil }

// parse reads the file's text, and refuses an adapter's own file.
func (c ConfigFile) parse(text []byte) (*document, error) {
	d, err := parse(text)
	if err != nil {
		return nil, err
	}
	err = d.checkVersion()
	if folder, found := projectOf(string(c)); err != nil && found {
		err = fmt.Errorf("%w: the project is %s", err, folder)
	}
	return d, err
}

// checkKind is ErrVersion2 for a project, or its .hyperterse.
func (c ConfigFile) checkKind() error {
	folder := string(c)
	switch {
	case filepath.Base(folder) == RootFile:
		folder = filepath.Dir(folder)
	case !isProject(folder):
		return nil
	}
	return fmt.Errorf("%s: %w: the project is %s", string(c), ErrVersion2, folder)
}
