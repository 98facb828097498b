// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// How far OtherUsers looks: a gateway's folder is small, and a .env file may lie in one that is not.
const (
	usersDepth = 4
	usersFiles = 10_000
)

// OtherUsers lists the .terse files that refer to a variable of a .env file: those in the folder of the .env file and below it, and
// those beside the one of an adapter. That one itself is left out.
func OtherUsers(dotenv, variable string, place Place, adapter string) ([]string, error) {
	own, err := place.File(adapter)
	if errors.Is(err, ErrAdapterNotFound) {
		own, err = filepath.Join(place.Path(), RootFile), nil
	}
	if err != nil {
		return nil, err
	}
	if own, err = filepath.Abs(own); err != nil {
		return nil, err
	}
	root, err := filepath.Abs(filepath.Dir(dotenv))
	if err != nil {
		return nil, err
	}
	paths, err := filepath.Glob(filepath.Join(filepath.Dir(own), "*"+terseSuffix))
	if err != nil {
		return nil, err
	}
	seen := 0
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if seen++; seen > usersFiles {
			return fs.SkipAll
		}
		switch {
		case err != nil:
			return nil //nolint:nilerr // What can't be read is no gateway's.
		case entry.IsDir() && path != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "node_modules" ||
			strings.Count(strings.TrimPrefix(path, root), string(filepath.Separator)) > usersDepth):
			return fs.SkipDir
		case !entry.IsDir() && strings.EqualFold(filepath.Ext(path), terseSuffix):
			paths = append(paths, path)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(paths)
	var users []string
	for _, path := range slices.Compact(paths) {
		if path == own || SameFile(path, own) {
			continue
		}
		uses, err := fileRefersTo(path, variable)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if uses {
			users = append(users, path)
		}
	}
	return users, nil
}

const terseSuffix = ".terse"

// fileRefersTo reports whether a file refers to a variable: an adapter of it or, where it is no file of adapters, any of its text.
func fileRefersTo(path, variable string) (bool, error) {
	f, err := load(path)
	if errors.Is(err, ErrInvalidFile) { // No regular file.
		return false, nil
	}
	if err != nil {
		return false, inFile(path, err)
	}
	if d, err := parse(f.text); err == nil {
		if _, place, err := d.adapters(); err == nil && place >= 0 {
			return d.refersTo(variable, ""), nil
		}
	}
	return slices.Contains(References(string(f.text)), variable), nil
}
