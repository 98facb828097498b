// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

const (
	// archiveRoot is the folder that an npm archive holds everything in.
	archiveRoot = "package"
	binariesDir = "native/bin"
	// linksFile lists the symbolic links, which an npm archive can't hold.
	linksFile = "native/pg-symlinks.json"
)

// link is a line of linksFile; both are slash-separated paths in the package.
type link struct {
	// Source is the file that there is, Target the link to make.
	Source, Target string
}

// unpack extracts a package into a folder, with its symbolic links. Nothing is written outside of the folder.
func unpack(archive, dir string) error {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	compressed, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	for entries := tar.NewReader(compressed); ; {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return hydrate(root)
		}
		if err != nil {
			return err
		}
		if entry.Typeflag != tar.TypeReg {
			continue
		}
		name, inPackage := strings.CutPrefix(entry.Name, archiveRoot+"/")
		if !inPackage {
			return fmt.Errorf("%s is outside of the package", entry.Name)
		}
		if err := extract(root, name, entries); err != nil {
			return err
		}
	}
}

func extract(root *os.Root, name string, content io.Reader) error {
	// The server's user reads all of it.
	mode := os.FileMode(0o644)
	if path.Dir(name) == binariesDir {
		mode = 0o755
	}
	if err := root.MkdirAll(filepath.FromSlash(path.Dir(name)), 0o755); err != nil {
		return err
	}
	file, err := root.OpenFile(filepath.FromSlash(name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Close())
}

// hydrate makes the symbolic links that the package lists.
func hydrate(root *os.Root) error {
	content, err := root.ReadFile(filepath.FromSlash(linksFile))
	if err != nil {
		return err
	}
	var links []link
	if err := json.Unmarshal(content, &links); err != nil {
		return fmt.Errorf("read %s: %w", linksFile, err)
	}
	for _, l := range links {
		relative, err := filepath.Rel(path.Dir(l.Target), l.Source)
		if err != nil {
			return err
		}
		if err := root.MkdirAll(filepath.FromSlash(path.Dir(l.Target)), 0o755); err != nil {
			return err
		}
		if err := root.Symlink(relative, filepath.FromSlash(l.Target)); err != nil {
			return err
		}
	}
	return nil
}
