// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// newFileMode is that of a .terse file that did not exist: it holds no secret.
const newFileMode fs.FileMode = 0o644

// Variable is one variable of a .env file.
type Variable struct {
	// File is the path of the .env file.
	File string
	// Name has letters, digits and _.
	Name string
	// Value may be any text without a zero byte.
	Value secret.String
	// Replaces reports whether another value that the variable has already may be replaced; nil: each may. One that may not is
	// ErrVariableTaken.
	Replaces func(secret.String) bool
}

// Check reads a .terse file and reports whether it could be edited: ErrInvalidFile, ErrBlockSyntax or ErrAlias if not.
// One that is not there could.
func Check(path string) error {
	_, err := open(path)
	return err
}

// Read gives an adapter of a .terse file, or ErrAdapterNotFound, also when there is no file.
func Read(path, name string) (Adapter, error) {
	d, err := open(path)
	if err != nil {
		return Adapter{}, err
	}
	adapter, err := d.read(name)
	return adapter, inFile(path, err)
}

// RefersTo reports whether any adapter of a .terse file, but for one, refers to an environment variable.
func RefersTo(path, variable, except string) (bool, error) {
	d, err := open(path)
	if err != nil {
		return false, err
	}
	return d.refersTo(variable, except), nil
}

// Create adds an adapter to a .terse file, making the file if there is none. A variable, if given, is set first, when
// it is certain that the adapter can be added: a gateway that watches the file never sees the adapter without it.
func Create(ctx context.Context, path string, adapter Adapter, variable *Variable) error {
	return apply(ctx, path, variable, func(d *document) ([]byte, error) { return d.create(adapter) })
}

// Ensure is Create, but an adapter that is there already and exactly as wanted is as good; the variable is set then, too.
func Ensure(ctx context.Context, path string, adapter Adapter, variable *Variable) error {
	err := Create(ctx, path, adapter, variable)
	if !errors.Is(err, ErrAdapterExists) {
		return err
	}
	if there, readErr := Read(path, adapter.Name); readErr != nil || !there.Equal(adapter) {
		return err
	}
	return Update(ctx, path, adapter.Name, adapter, variable)
}

// Move makes an adapter in another .terse file, as Ensure does, and removes it where it was. A run that is killed in between is
// continued by the next one.
func Move(ctx context.Context, from, name, to string, adapter Adapter, variable *Variable) error {
	if err := Ensure(ctx, to, adapter, variable); err != nil {
		return err
	}
	if err := Delete(ctx, from, name); !errors.Is(err, ErrAdapterNotFound) {
		return err
	}
	return nil
}

// Update gives an adapter other values and perhaps another name, and sets a variable, if given, before that.
func Update(ctx context.Context, path, name string, adapter Adapter, variable *Variable) error {
	return apply(ctx, path, variable, func(d *document) ([]byte, error) { return d.update(name, adapter) })
}

// Delete removes an adapter, and the file if it was made by Create and nothing else is left in it.
func Delete(ctx context.Context, path, name string) error {
	return apply(ctx, path, nil, func(d *document) ([]byte, error) { return d.delete(name) })
}

// apply edits a .terse file. If writing fails after the variable was set, the variable gets back what it was.
func apply(ctx context.Context, path string, variable *Variable, decide func(*document) ([]byte, error)) error {
	undo := func(context.Context) error { return nil }
	err := edit(ctx, path, func(f file) (change, error) {
		if f.info == nil {
			f.text = []byte(fileMark + "\n")
		}
		d, err := parse(f.text)
		if err != nil {
			return change{}, err
		}
		text, err := decide(d)
		return change{text: text, mode: f.modeOr(newFileMode), remove: isOnlyMark(text)}, err
	}, func() (err error) {
		if variable != nil {
			undo, err = setVariable(ctx, *variable)
		}
		return err
	})
	if err != nil {
		// An interrupt is one of the errors after which the variable is to be put back.
		err = errors.Join(err, undo(context.WithoutCancel(ctx)))
	}
	return inFile(path, err)
}

// isOnlyMark reports whether nothing is left of a file but the line that says who made it.
func isOnlyMark(text []byte) bool { return strings.TrimSpace(string(text)) == fileMark }

func open(path string) (*document, error) {
	f, err := load(path)
	if err != nil {
		return nil, inFile(path, err)
	}
	d, err := parse(f.text)
	if err == nil {
		_, _, err = d.adapters()
	}
	return d, inFile(path, err)
}

// inFile says which file an error is about.
func inFile(path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", path, err)
}
