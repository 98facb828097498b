// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

//go:build !windows

package store

import "github.com/google/renameio/v2"

// writeFile replaces a file in one step, readable by its owner only.
func writeFile(path string, content []byte) error {
	return renameio.WriteFile(path, content, 0o600, renameio.WithStaticPermissions(0o600))
}
