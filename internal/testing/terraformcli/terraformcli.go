// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package terraformcli finds Terraform or OpenTofu and runs it on a folder with a provider that was built from this
// tree. The demo and the tests of the examples use it.
package terraformcli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/mod/semver"
)

// Source is the provider's source address without a registry.
const Source = "terrascale/terrascale"

// registries are where Terraform and OpenTofu look for a provider whose source names no registry.
var registries = []string{"registry.terraform.io", "registry.opentofu.org"}

// minimum is the oldest CLI with write-only arguments.
const minimum = "v1.11.0"

// Find gives the path of the CLI: what TF_ACC_TERRAFORM_PATH says, or the first of terraform and tofu on PATH that is
// new enough.
func Find(ctx context.Context) (string, error) {
	if named := os.Getenv("TF_ACC_TERRAFORM_PATH"); named != "" {
		return named, nil
	}
	for _, name := range []string{"terraform", "tofu"} {
		found, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		version, err := version(ctx, found)
		if err == nil && semver.Compare(version, minimum) >= 0 {
			return filepath.Abs(found)
		}
	}
	return "", errors.New("neither terraform nor tofu, 1.11 or newer, is on PATH: install one, or run 'make tools'")
}

// IsTerraform reports whether a CLI is Terraform, and of a version or newer, such as v1.14.0: OpenTofu counts its versions on its own.
func IsTerraform(ctx context.Context, cli, oldest string) (bool, error) {
	found, err := version(ctx, cli)
	if err != nil || IsOpenTofu(cli) {
		return false, err
	}
	// What leads to a version has what it will have.
	released, _, _ := strings.Cut(found, "-")
	return semver.Compare(released, oldest) >= 0, nil
}

// version asks a CLI for its version; OpenTofu answers under Terraform's name, too.
func version(ctx context.Context, cli string) (string, error) {
	output, err := exec.CommandContext(ctx, cli, "version", "-json").Output()
	if err != nil {
		return "", fmt.Errorf("ask %s for its version: %w", cli, err)
	}
	var answer struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal(output, &answer); err != nil {
		return "", fmt.Errorf("read the version of %s: %w", cli, err)
	}
	return "v" + answer.Version, nil
}

// IsOpenTofu reports whether a CLI is OpenTofu, by its name.
func IsOpenTofu(cli string) bool { return strings.HasPrefix(filepath.Base(cli), "tofu") }

// Workspace is a folder with a configuration, and how the CLI is run on it.
type Workspace struct {
	// CLI is the path of terraform or tofu.
	CLI string
	// Dir is the configuration's folder.
	Dir string
	// Environment is added to this process's own.
	Environment []string
}

// Override writes a CLI configuration to file that takes the provider from binaryDir, and has the workspace use it.
// Nothing is downloaded, and no 'init' is needed.
func (w *Workspace) Override(file, binaryDir string) error {
	return w.OverrideAs(file, Source, binaryDir)
}

// OverrideAs is Override for the provider of another source, such as "hashicorp/random".
func (w *Workspace) OverrideAs(file, source, binaryDir string) error {
	var overrides strings.Builder
	for _, registry := range registries {
		fmt.Fprintf(&overrides, "    %q = %q\n", registry+"/"+source, binaryDir)
	}
	content := "disable_checkpoint = true\nprovider_installation {\n  dev_overrides {\n" + overrides.String() + "  }\n  direct {}\n}\n"
	return w.configureCLI(file, content)
}

// Mirror puts the provider of binaryDir into a folder as a network or filesystem mirror holds it, under a version, and writes a CLI
// configuration to file that knows no other place: 'init' installs from there, and downloads nothing.
func (w *Workspace) Mirror(file, binaryDir, mirror, version string) error {
	const binary = "terraform-provider-terrascale"
	for _, registry := range registries {
		dir := filepath.Join(mirror, registry, Source, version, runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("make the mirror: %w", err)
		}
		if err := os.Symlink(filepath.Join(binaryDir, binary), filepath.Join(dir, binary+"_v"+version)); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("fill the mirror: %w", err)
		}
	}
	return w.InstallFrom(file, mirror)
}

// InstallFrom writes a CLI configuration to file that knows one filesystem mirror and no other place, and has the workspace use it.
func (w *Workspace) InstallFrom(file, mirror string) error {
	content := fmt.Sprintf("disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror)
	return w.configureCLI(file, content)
}

// MirrorArchive copies a release's archive to where a filesystem mirror holds it, for each registry.
func MirrorArchive(mirror, archive string) error {
	content, err := os.ReadFile(archive)
	if err != nil {
		return fmt.Errorf("read the archive: %w", err)
	}
	for _, registry := range registries {
		dir := filepath.Join(mirror, registry, Source)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("make the mirror: %w", err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(archive)), content, 0o644); err != nil {
			return fmt.Errorf("fill the mirror: %w", err)
		}
	}
	return nil
}

// configureCLI writes a CLI configuration, and has the workspace use it.
func (w *Workspace) configureCLI(file, content string) error {
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		return fmt.Errorf("write the CLI's configuration: %w", err)
	}
	w.Environment = append(w.Environment, "TF_CLI_CONFIG_FILE="+file, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1")
	return nil
}

// Result is what a run of the CLI gave.
type Result struct {
	// Output is what it printed, errors included.
	Output string
	// ExitCode is 0 for success; 2 is a plan with changes under -detailed-exitcode.
	ExitCode int
}

// Run runs the CLI. An exit code other than 0 is no error of this function.
func (w *Workspace) Run(ctx context.Context, arguments ...string) (Result, error) {
	command := exec.CommandContext(ctx, w.CLI, arguments...)
	command.Dir = w.Dir
	command.Env = append(os.Environ(), w.Environment...)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return Result{}, fmt.Errorf("run %s: %w", filepath.Base(w.CLI), err)
	}
	return Result{Output: output.String(), ExitCode: command.ProcessState.ExitCode()}, ctx.Err()
}
