// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// replace writes a file's text beside it and renames it into place, the nearest to one step that Windows has.
func replace(path string, wanted change, _ fs.FileInfo) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, writeErr := temporary.Write(wanted.text)
	err = errors.Join(writeErr, temporary.Sync(), temporary.Close())
	if err == nil {
		err = os.Chmod(temporary.Name(), wanted.mode)
	}
	if err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return nil
}
