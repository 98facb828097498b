// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package filetree looks at a folder as a whole.
package filetree

import (
	"io/fs"
	"os"
	"testing"
)

// Read gives the content of each file of a folder, by its path below it, with a slash between folders.
func Read(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	tree := os.DirFS(folder)
	err := fs.WalkDir(tree, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(tree, path)
		files[path] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
