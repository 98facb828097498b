// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
)

// Place gives the folder of the journal of one state: in Terraform's data folder, apart for each backend and workspace that
// the working directory is used with, since what one state does not know may be in another. dataDir and workspace are what
// TF_DATA_DIR and TF_WORKSPACE say; "" is Terraform's default.
func Place(dataDir, workspace string) string {
	if dataDir == "" {
		dataDir = ".terraform"
	}
	if workspace == "" {
		workspace = selected(filepath.Join(dataDir, "environment"))
	}
	sum := sha256.Sum256([]byte(workspace + "\x00" + backend(filepath.Join(dataDir, "terraform.tfstate"))))
	return filepath.Join(dataDir, "terrascale", hex.EncodeToString(sum[:8]))
}

// selected reads which workspace was selected. Where there is no such file, that is the default one.
func selected(file string) string {
	content, err := os.ReadFile(file) //nolint:gosec // Terraform's own file, in the folder that it works in.
	if name := strings.TrimSpace(string(content)); err == nil && name != "" {
		return name
	}
	return "default"
}

// backend reads how the working directory was initialized, as text that is compared only. Without a backend there is none.
func backend(file string) string {
	content, err := os.ReadFile(file) //nolint:gosec // Terraform's own file, in the folder that it works in.
	var initialized struct {
		Backend    json.RawMessage `json:"backend"`
		StateStore json.RawMessage `json:"state_store"`
	}
	if err != nil || json.Unmarshal(content, &initialized) != nil {
		return ""
	}
	return string(initialized.Backend) + string(initialized.StateStore)
}
