// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/terraformcli"
)

// machine names what the measuring ran on.
type machine struct {
	CPU    string
	Cores  int
	Memory int64
	// Load is the load average of the last minute before it began.
	Load string
	// Go built the provider from Commit.
	CLI, PostgreSQL, Go, Commit string
}

// describeHardware names what any measuring depends on.
func describeHardware(provider string) (machine, error) {
	m := machine{
		CPU: cpuModel(), Cores: runtime.NumCPU(), Memory: readKilobytes("/proc/meminfo", "MemTotal"),
	}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		m.Load, _, _ = strings.Cut(string(load), " ")
	}
	built, err := buildinfo.ReadFile(provider)
	if err != nil {
		return m, fmt.Errorf("read how the provider was built: %w", err)
	}
	m.Go = built.GoVersion
	return m, nil
}

func describeMachine(ctx context.Context, provider, cli, databaseURL string) (machine, error) {
	m, err := describeHardware(provider)
	if err != nil {
		return m, err
	}
	workspace := terraformcli.Workspace{CLI: cli, Environment: []string{"CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE=" + os.DevNull}}
	version, err := workspace.Run(ctx, "version")
	if err != nil {
		return m, err
	}
	m.CLI, _, _ = strings.Cut(version.Output, "\n")
	connection, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return m, fmt.Errorf("ask the server for its version: %w", err)
	}
	defer func() { _ = connection.Close(ctx) }()
	if err := connection.QueryRow(ctx, "SHOW server_version").Scan(&m.PostgreSQL); err != nil {
		return m, fmt.Errorf("ask the server for its version: %w", err)
	}
	return m, nil
}

// commit names the commit of the checkout that a binary lies in. What Go notes in a binary depends on how it was built.
func commit(ctx context.Context, binary string) string {
	output, err := exec.CommandContext(ctx, "git", "-C", filepath.Dir(binary),
		"describe", "--always", "--exclude=*", "--abbrev=12", "--dirty=, with uncommitted changes").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(output))
}

func cpuModel() string {
	content, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		for line := range strings.Lines(string(content)) {
			if name, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == "model name" {
				return strings.TrimSpace(value)
			}
		}
	}
	return runtime.GOARCH
}
