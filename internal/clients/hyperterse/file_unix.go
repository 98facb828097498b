// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

//go:build !windows

package hyperterse

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/google/renameio/v2"
)

// replace writes a file's text beside it and renames it into place. A new file's mode is cut by the umask.
func replace(path string, wanted change, old fs.FileInfo) (err error) {
	mode := renameio.WithPermissions(wanted.mode)
	if old != nil {
		mode = renameio.WithStaticPermissions(wanted.mode)
	}
	pending, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), mode)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pending.Cleanup()) }()
	if _, err := pending.Write(wanted.text); err != nil {
		return err
	}
	if err := keepOwner(pending.File, old); err != nil {
		return err
	}
	return pending.CloseAtomicallyReplace()
}

// keepOwner gives a file to who had the old one. Only root may do that; for others the file becomes theirs.
func keepOwner(f *os.File, old fs.FileInfo) error {
	if old == nil {
		return nil
	}
	owner, ok := old.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	if err := f.Chown(int(owner.Uid), int(owner.Gid)); err != nil && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}
