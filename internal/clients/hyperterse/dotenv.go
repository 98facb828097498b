// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"

	"github.com/joho/godotenv"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// secretFileMode is that of a .env file: its owner's alone.
const secretFileMode fs.FileMode = 0o600

// ErrUnwritableValue says that a value can't be written so that Hyperterse reads it back.
var ErrUnwritableValue = errors.New("the value can't be written to a .env file")

// ErrVariableTaken says that a variable has a value already, and not one that may be replaced or removed.
var ErrVariableTaken = errors.New("the variable has another value already")

var variableForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// CheckVariable says what is wrong with the name of an environment variable, or nil.
func CheckVariable(name string) error {
	if variableForm.MatchString(name) {
		return nil
	}
	return fmt.Errorf("%q is not a name for a variable: write letters, digits and _, such as \"DATABASE_URL\"", name)
}

// HasVariable reports whether a .env file sets a variable. Without a file it does not.
func HasVariable(path, name string) (bool, error) {
	_, found, err := ReadVariable(path, name)
	return found, err
}

// ReadVariable gives the value that a .env file sets a variable to. Without a file it sets none.
func ReadVariable(path, name string) (value secret.String, found bool, err error) {
	f, err := load(path)
	if err != nil {
		return secret.String{}, false, inFile(path, err)
	}
	_, values, err := parseDotenv(f.text)
	text, found := values[name]
	return secret.New(text), found, inFile(path, err)
}

// SetVariable sets a variable of a .env file: the last one of its name where it stands, or a new one at the end. A file
// that is not there is made; one that others could read no longer is.
func SetVariable(ctx context.Context, variable Variable) error {
	_, err := setVariable(ctx, variable)
	return err
}

// setVariable also gives what puts the variable back.
func setVariable(ctx context.Context, variable Variable) (undo func(context.Context) error, err error) {
	undo = func(ctx context.Context) error { return RemoveVariable(ctx, variable.File, variable.Name, nil) }
	err = edit(ctx, variable.File, func(f file) (change, error) {
		if f.info == nil {
			f.text = []byte(fileMark + "\n")
		}
		_, values, err := parseDotenv(f.text)
		if err != nil {
			return change{}, err
		}
		if was, found := values[variable.Name]; found {
			old := Variable{File: variable.File, Name: variable.Name, Value: secret.New(was)}
			if was != variable.Value.Reveal() && variable.Replaces != nil && !variable.Replaces(old.Value) {
				return change{}, fmt.Errorf("%s: %w", variable.Name, ErrVariableTaken)
			}
			undo = func(ctx context.Context) error { return SetVariable(ctx, old) }
		}
		text, err := withVariable(f.text, variable.Name, variable.Value)
		return change{text: text, mode: private(f)}, err
	}, nil)
	if err != nil {
		return func(context.Context) error { return nil }, inFile(variable.File, err)
	}
	return undo, nil
}

// RemoveVariable removes every setting of a variable, and the file if SetVariable made it and nothing else is left. A value that is
// not the caller's stays, with ErrVariableTaken; without isOwn, every value is.
func RemoveVariable(ctx context.Context, path, name string, isOwn func(secret.String) bool) error {
	err := edit(ctx, path, func(f file) (change, error) {
		_, values, err := parseDotenv(f.text)
		if err != nil {
			return change{}, err
		}
		if value, found := values[name]; found && isOwn != nil && !isOwn(secret.New(value)) {
			return change{}, fmt.Errorf("%s: %w", name, ErrVariableTaken)
		}
		text, err := withoutVariable(f.text, name)
		return change{text: text, mode: f.modeOr(secretFileMode), remove: f.info == nil || isOnlyMark(text)}, err
	}, nil)
	if errors.Is(err, fs.ErrNotExist) { // The folder is gone, and the file with it.
		return nil
	}
	return inFile(path, err)
}

func private(f file) fs.FileMode {
	if mode := f.modeOr(secretFileMode); mode&0o077 == 0 {
		return mode
	}
	return secretFileMode
}

// withVariable gives the text with a variable set.
func withVariable(text []byte, name string, value secret.String) ([]byte, error) {
	settings, before, err := parseDotenv(text)
	if err != nil {
		return nil, err
	}
	for _, encoded := range encodings(value.Reveal()) {
		var candidate []byte
		if own := named(settings, name); len(own) > 0 {
			last := own[len(own)-1]
			candidate = splice(text, last.valueFrom, last.valueTo, encoded)
		} else {
			s := newSource(text)
			candidate = s.insert(len(s.starts), []string{name + "=" + encoded})
		}
		wanted := maps.Clone(before)
		wanted[name] = value.Reveal()
		if means(candidate, wanted, name) {
			return candidate, nil
		}
	}
	return nil, fmt.Errorf("%w: no way of quoting gives it back", ErrUnwritableValue)
}

// withoutVariable gives the text without a variable.
func withoutVariable(text []byte, name string) ([]byte, error) {
	settings, before, err := parseDotenv(text)
	if err != nil {
		return nil, err
	}
	own := named(settings, name)
	if len(own) == 0 {
		return text, nil
	}
	remaining := text
	for _, s := range slices.Backward(own) {
		remaining = s.cut(remaining)
	}
	delete(before, name)
	if !means(remaining, before, name) {
		return nil, fmt.Errorf("%w: variable %s can't be removed without touching others: remove it by hand", ErrLayout, name)
	}
	return remaining, nil
}

// parseDotenv gives the settings of a .env file and what Hyperterse's parser makes of them. No error quotes the file.
func parseDotenv(text []byte) ([]setting, map[string]string, error) {
	settings, err := scanDotenv(text)
	if err != nil {
		return nil, nil, err
	}
	values, err := godotenv.UnmarshalBytes(text)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: Hyperterse's parser can't read it", ErrInvalidFile)
	}
	found := map[string]bool{}
	for _, s := range settings {
		found[s.name] = true
	}
	for name := range values {
		if !found[name] {
			return nil, nil, fmt.Errorf("%w: the variable %q is set in an unusual way", ErrInvalidFile, name)
		}
	}
	return settings, values, nil
}

// means reports whether a .env file gives just these values. A value that is made from the changed variable may differ.
func means(text []byte, wanted map[string]string, changed string) bool {
	got, err := godotenv.UnmarshalBytes(text)
	if err != nil || len(got) != len(wanted) || got[changed] != wanted[changed] {
		return false
	}
	expanded := bytes.Contains(text, []byte("$"+changed)) || bytes.Contains(text, []byte("${"+changed))
	for name, value := range wanted {
		if other, found := got[name]; !found || other != value && !expanded {
			return false
		}
	}
	return true
}
