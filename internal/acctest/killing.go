// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/terrascale/terraform-provider-terrascale/internal/terraformcli"
)

// Killable is a folder with a configuration that the real CLI applies with a provider in a process of its own.
type Killable struct {
	terraformcli.Workspace
	binary string
	t      *testing.T
}

// NewKillable builds the provider and lays a configuration out.
func NewKillable(t *testing.T, configuration string) *Killable {
	t.Helper()
	binaries, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	k := &Killable{binary: filepath.Join(binaries, "terraform-provider-terrascale"), t: t}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", k.binary, "github.com/terrascale/terraform-provider-terrascale")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the provider: %v: %s", err, output)
	}
	if k.CLI, err = terraformcli.Find(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.Dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(k.Dir, "main.tf"), []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := k.Override(filepath.Join(binaries, "cli.tfrc"), binaries); err != nil {
		t.Fatal(err)
	}
	return k
}

// ApplyAndKill applies, and kills the provider when the channel is closed. It reports whether that happened; if not, the
// apply has to succeed.
func (k *Killable) ApplyAndKill(reached <-chan struct{}) (killed bool) {
	k.t.Helper()
	done := make(chan terraformcli.Result, 1)
	go func() {
		result, err := k.Run(k.t.Context(), "apply", "-auto-approve", "-input=false", "-no-color")
		if err != nil {
			result.Output += err.Error()
			result.ExitCode = -1
		}
		done <- result
	}()
	var result terraformcli.Result
	select {
	case <-reached:
		killed = true
		k.kill()
		result = <-done
	case result = <-done:
	}
	if killed == (result.ExitCode == 0) {
		k.t.Fatalf("killed: %t, exit code %d:\n%s", killed, result.ExitCode, result.Output)
	}
	return killed
}

// Must runs the CLI, which has to succeed, and gives what it printed.
func (k *Killable) Must(arguments ...string) string {
	k.t.Helper()
	result, err := k.Run(k.t.Context(), arguments...)
	if err != nil || result.ExitCode != 0 {
		k.t.Fatalf("%v: exit code %d, %v:\n%s", arguments, result.ExitCode, err, result.Output)
	}
	return result.Output
}

// kill ends the processes of this provider and no other's, as kill -9 does.
func (k *Killable) kill() {
	processes, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, process := range processes {
		if target, err := os.Readlink(process); err == nil && target == k.binary {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(process))); err == nil {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
	}
}
