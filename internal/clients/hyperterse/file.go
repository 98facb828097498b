// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// maxLinks is how many symbolic links in a row are followed.
const maxLinks = 40

// file is a file as it was read: where it is once links are followed, what it held, and who may read it.
type file struct {
	path string
	text []byte
	// info is nil when there is no file.
	info fs.FileInfo
}

// resolve follows symbolic links, to a file that is not there yet, too: a link stays a link, its target is replaced.
func resolve(path string) (string, error) {
	for range maxLinks {
		info, err := os.Lstat(path)
		switch {
		case err == nil && info.Mode()&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			if err != nil {
				return "", fmt.Errorf("follow a link: %w", err)
			}
			if !filepath.IsAbs(target) {
				target = filepath.Join(filepath.Dir(path), target)
			}
			path = target
		case err == nil || errors.Is(err, fs.ErrNotExist):
			// Folders of the path may be links too; one file has one lock, whichever way leads to it.
			folder, err := filepath.EvalSymlinks(filepath.Dir(path))
			if err != nil {
				return "", fmt.Errorf("the folder of %s: %w", path, err)
			}
			folder, err = filepath.Abs(folder)
			return filepath.Join(folder, filepath.Base(path)), err
		default:
			return "", err
		}
	}
	return "", fmt.Errorf("%s: too many symbolic links", path)
}

// load reads a file; one that is not there is read as empty.
func load(path string) (file, error) {
	f := file{path: path}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return f, err
	}
	if !info.Mode().IsRegular() {
		return f, fmt.Errorf("%w: %s is not a regular file", ErrInvalidFile, path)
	}
	text, err := os.ReadFile(path)      //nolint:gosec // The path is the one that the user names.
	if errors.Is(err, fs.ErrNotExist) { // It went meanwhile.
		return f, nil
	}
	f.text, f.info = text, info
	return f, err
}

// change is what a file is to become.
type change struct {
	text []byte
	mode fs.FileMode
	// remove is set when there is to be no file.
	remove bool
}

// edit changes a file under its lock. Prepare, if any, runs when the change is known and before it is written.
func edit(ctx context.Context, path string, decide func(file) (change, error), prepare func() error) error {
	real, err := resolve(path)
	if err != nil {
		return err
	}
	unlock, err := lock(ctx, real)
	if err != nil {
		return err
	}
	return errors.Join(editLocked(ctx, real, decide, prepare), unlock())
}

func editLocked(ctx context.Context, path string, decide func(file) (change, error), prepare func() error) error {
	f, err := load(path)
	if err != nil {
		return err
	}
	wanted, err := decide(f)
	if err != nil {
		return err
	}
	if prepare != nil {
		if err := prepare(); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return f.become(wanted)
}

// become writes a change, unless the file is that way already.
func (f file) become(wanted change) error {
	switch {
	case wanted.remove && f.info == nil:
		return nil
	case wanted.remove:
		return os.Remove(f.path)
	case f.info != nil && bytes.Equal(f.text, wanted.text) && f.info.Mode().Perm() == wanted.mode:
		return nil
	}
	return replace(f.path, wanted, f.info)
}

// modeOr gives the file's mode, or that of a new one.
func (f file) modeOr(mode fs.FileMode) fs.FileMode {
	if f.info == nil {
		return mode
	}
	return f.info.Mode().Perm()
}

// SameFile reports whether two paths lead to one file that is there.
func SameFile(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}
