// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"context"
	"errors"
	"fmt"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

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

// Place is where adapters are: the one file of version 1 (ConfigFile), or the folder of a project of version 2 (Project).
type Place interface {
	// Path is what leads there, as it was given.
	Path() string
	// Check reports whether an adapter could be made or changed there.
	Check() error
	// File is the file that an adapter is in, or ErrAdapterNotFound.
	File(name string) (string, error)
	// Read gives an adapter, or ErrAdapterNotFound.
	Read(name string) (Adapter, error)
	// Names lists the adapters, sorted; none where the place is not there.
	Names() ([]string, error)
	// RefersTo reports whether any adapter, but for one, refers to an environment variable.
	RefersTo(variable, except string) (bool, error)
	// Uses lists what names an adapter: queries, or the files of tools.
	Uses(name string) ([]string, error)
	// Locked runs a function while nobody else changes an adapter there.
	Locked(ctx context.Context, do func() error) error
	// Create makes an adapter, or is ErrAdapterExists. A variable, if given, is set first.
	Create(ctx context.Context, adapter Adapter, variable *Variable) error
	// Update gives an adapter other values and perhaps another name, and sets a variable, if given, before that.
	Update(ctx context.Context, name string, adapter Adapter, variable *Variable) error
	// Delete removes an adapter, or is ErrAdapterNotFound.
	Delete(ctx context.Context, name string) error
}

// Ensure makes an adapter, but one that is there already and exactly as wanted is as good; the variable is set then, too.
func Ensure(ctx context.Context, place Place, adapter Adapter, variable *Variable) error {
	err := place.Create(ctx, adapter, variable)
	if !errors.Is(err, ErrAdapterExists) {
		return err
	}
	if there, readErr := place.Read(adapter.Name); readErr != nil || !there.Equal(adapter) {
		return err
	}
	return place.Update(ctx, adapter.Name, adapter, variable)
}

// Move makes an adapter in another place, as Ensure does, and removes it where it was. A run that is killed in between is continued by
// the next one.
func Move(ctx context.Context, from Place, name string, to Place, adapter Adapter, variable *Variable) error {
	if err := Ensure(ctx, to, adapter, variable); err != nil {
		return err
	}
	if err := from.Delete(ctx, name); !errors.Is(err, ErrAdapterNotFound) {
		return err
	}
	return nil
}

// settingFirst makes a change that sets the variable, if any, when it is certain that the rest can be done. If that fails after all, the
// variable gets back what it was.
func settingFirst(ctx context.Context, variable *Variable, do func(set func() error) error) error {
	undo := func(context.Context) error { return nil }
	err := do(func() (err error) {
		if variable != nil {
			undo, err = setVariable(ctx, *variable)
		}
		return err
	})
	if err != nil {
		// An interrupt is one of the errors after which the variable is to be put back.
		err = errors.Join(err, undo(context.WithoutCancel(ctx)))
	}
	return err
}

// inFile says which file an error is about.
func inFile(path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", path, err)
}
