// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package filetree looks at a folder as a whole.
package filetree

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Read gives the content of each file of a folder, by its path below it, with a slash between folders.
func Read(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(folder), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(path)))
		files[path] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
