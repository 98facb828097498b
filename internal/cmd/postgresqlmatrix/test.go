// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

// test runs 'go test' on one release and prints one line; what a failing run said comes before it. That tests fail is no
// error of this function.
func test(ctx context.Context, out io.Writer, r release, binaries string, arguments []string) (passed bool, err error) {
	start := time.Now()
	version, err := exec.CommandContext(ctx, filepath.Join(binaries, "postgres"), "--version").Output()
	if err != nil {
		return false, fmt.Errorf("ask the server for its version: %w", err)
	}
	// The server's version is no input that the test cache knows of.
	command := exec.CommandContext(ctx, "go", append([]string{"test", "-count=1", "-timeout=20m"}, arguments...)...)
	command.Env = append(os.Environ(), devstack.BinDirVariable+"="+binaries)
	// 'go test' dies without the tests that it started: all of them end together.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGTERM) }
	output, err := command.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return false, fmt.Errorf("run the tests: %w", err)
	}
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	word := "ok"
	if err != nil {
		word = "FAIL"
		if _, err := out.Write(output); err != nil {
			return false, err
		}
	}
	_, err = fmt.Fprintf(out, "%-4s  %s  (package %s, %.0f s)\n", word,
		strings.TrimSpace(string(version)), r.version, time.Since(start).Seconds())
	return word == "ok", err
}
