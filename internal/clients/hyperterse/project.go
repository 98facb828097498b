// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

const (
	// RootFile is what makes a folder a project of version 2.
	RootFile = ".hyperterse"
	// newFolderMode is that of a folder that is made for an adapter.
	newFolderMode = 0o755
)

// Project is the folder of a project of version 2, the one that holds .hyperterse. Each adapter is a file of its own below the folder
// that the project's settings name. All changes of a project's adapters are under one lock, beside .hyperterse.
type Project string

// Path is the folder.
func (p Project) Path() string { return string(p) }

func (p Project) rootFile() string { return filepath.Join(string(p), RootFile) }

// DotenvFile is the .env file of the project, which version 2 reads unless there is one that goes before it (DotenvBefore).
func (p Project) DotenvFile() string {
	return filepath.Join(string(p), dotenvNames[len(dotenvNames)-1])
}

// Check reads the project's settings, and reports whether an adapter could be made: ErrNoProject, ErrVersion1, ErrIgnoredAdapters or
// ErrInvalidFile if not.
func (p Project) Check() error {
	_, err := p.look()
	return err
}

// File is the file of an adapter.
func (p Project) File(name string) (string, error) {
	seen, err := p.viewOf()
	if err != nil {
		return "", err
	}
	return seen.file(name)
}

// Read gives an adapter, or ErrAdapterNotFound, also where there is no project. Two files of one name are ErrTwoFiles, and one that
// leads out of the project ErrOutside.
func (p Project) Read(name string) (Adapter, error) {
	seen, err := p.viewOf()
	if err != nil {
		return Adapter{}, err
	}
	return seen.read(name)
}

func isNoProject(err error) bool { return errors.Is(err, ErrNoProject) || errors.Is(err, ErrVersion1) }

// viewOf is view, where a folder that is no project has no adapter.
func (p Project) viewOf() (view, error) {
	seen, err := p.view()
	if isNoProject(err) {
		err = fmt.Errorf("%w: %w", ErrAdapterNotFound, err)
	}
	return seen, err
}

// Names lists the adapters of the project, sorted.
func (p Project) Names() ([]string, error) {
	seen, err := p.view()
	if err != nil {
		return nil, err
	}
	return seen.names(), nil
}

// RefersTo reports whether any adapter, but for one, refers to an environment variable.
func (p Project) RefersTo(variable, except string) (bool, error) {
	seen, err := p.view()
	if isNoProject(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return seen.refersTo(variable, except), nil
}

// Uses lists the files of the tools that name an adapter.
func (p Project) Uses(name string) ([]string, error) {
	found, err := p.settings()
	if err != nil {
		return nil, err
	}
	return (&tools{folder: found.tools}).thatUse(name)
}

func (p Project) view() (view, error) {
	all, err := p.look()
	if err != nil {
		return nil, err
	}
	return projectView{all, &tools{folder: all.tools}}, nil
}

// projectView is a project as it was read. Its tools are read once they are asked for.
type projectView struct {
	shelf shelf
	tools *tools
}

func (v projectView) file(name string) (string, error) {
	found, err := v.shelf.find(name)
	return found.path, err
}

func (v projectView) read(name string) (Adapter, error) {
	found, err := v.shelf.find(name)
	if err != nil {
		return Adapter{}, err
	}
	adapter, err := found.document.read(name)
	return adapter, inFile(found.path, err)
}

func (v projectView) names() []string {
	var names []string
	for _, file := range v.shelf.files {
		if file.document != nil {
			names = append(names, file.document.names()...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (v projectView) refersTo(variable, except string) bool {
	return slices.ContainsFunc(v.shelf.files, func(f adapterFile) bool { return f.refersTo(variable, except) })
}

func (v projectView) uses(name string) ([]string, error) { return v.tools.thatUse(name) }

// Locked runs a function while nobody else changes an adapter of the project.
func (p Project) Locked(ctx context.Context, do func() error) error {
	return locked(ctx, p.rootFile(), do)
}

// Create makes an adapter's file, NAME.terse, and the folders to it. Where that name is taken, the file has another one and says the
// adapter's.
func (p Project) Create(ctx context.Context, adapter Adapter, variable *Variable) error {
	return p.apply(ctx, variable, func(all shelf) (func() error, error) {
		if err := all.requireFree(adapter.Name); err != nil {
			return nil, err
		}
		base, err := all.freeName(all.adapters, adapter.Name, "")
		if err != nil {
			return nil, err
		}
		text, err := renderFile(base, adapter)
		if err != nil {
			return nil, err
		}
		return func() error {
			if err := os.MkdirAll(all.adapters, newFolderMode); err != nil {
				return err
			}
			path := filepath.Join(all.adapters, base+terseSuffix)
			return inFile(path, replace(path, change{text: text, mode: newFileMode}, nil))
		}, nil
	})
}

// Update edits an adapter's file. For another name the file gets that, unless it says its adapter's name itself: then that is changed.
// A run that is killed leaves the file whole, under the old name or the new one.
func (p Project) Update(ctx context.Context, name string, adapter Adapter, variable *Variable) error {
	return p.apply(ctx, variable, func(all shelf) (func() error, error) {
		found, err := all.find(name)
		if err != nil {
			return nil, err
		}
		path := found.path
		if adapter.Name != name {
			if err := all.requireFree(adapter.Name); err != nil {
				return nil, err
			}
			if path, err = all.renamed(found, adapter.Name); err != nil {
				return nil, err
			}
		}
		d, err := parseAs(found.real.text, baseName(path))
		if err != nil {
			return nil, inFile(found.path, err)
		}
		text, err := d.update(name, adapter)
		if err != nil {
			return nil, inFile(found.path, err)
		}
		return func() error {
			wanted := change{text: text, mode: found.real.modeOr(newFileMode)}
			if err := found.real.become(wanted); err != nil || path == found.path {
				return inFile(found.path, err)
			}
			return os.Rename(found.path, path)
		}, nil
	})
}

// Delete removes an adapter's file. Of a symbolic link it removes the link.
func (p Project) Delete(ctx context.Context, name string) error {
	err := p.apply(ctx, nil, func(all shelf) (func() error, error) {
		found, err := all.find(name)
		if err != nil {
			return nil, err
		}
		return func() error { return os.Remove(found.path) }, nil
	})
	if isNoProject(err) {
		return fmt.Errorf("%w: %w", ErrAdapterNotFound, err)
	}
	return err
}

// apply decides and writes under the project's lock. The variable is set in between.
func (p Project) apply(ctx context.Context, variable *Variable, decide func(shelf) (write func() error, err error)) error {
	return p.Locked(ctx, func() error {
		return settingFirst(ctx, variable, func(set func() error) error {
			all, err := p.look()
			if err != nil {
				return err
			}
			write, err := decide(all)
			if err != nil {
				return err
			}
			if err := set(); err != nil {
				return err
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			return write()
		})
	})
}
