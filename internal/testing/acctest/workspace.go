// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/terraformcli"
)

// Workspace is a folder with a configuration that the real CLI applies with a provider in a process of its own: for what a
// provider that serves from the test's process can't show, such as warnings, or being killed.
type Workspace struct {
	terraformcli.Workspace
	binary string
	t      *testing.T
}

// header names the provider's source.
const header = `terraform {
  required_providers {
    terrascale = { source = "terrascale/terrascale" }
  }
}
`

const binaryName = "terraform-provider-terrascale"

// binaryDir is where built puts the binary, once it is asked for.
var binaryDir string

// removeBinary removes what built made.
func removeBinary() {
	if binaryDir != "" {
		_ = os.RemoveAll(binaryDir)
	}
}

// built gives the folder of the provider's binary, built once in a test process.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "terrascale-acctest")
	if err != nil {
		return "", err
	}
	binaryDir = dir
	build := exec.Command("go", "build", "-o", filepath.Join(dir, binaryName), "github.com/terrascale/terraform-provider-terrascale")
	output, err := build.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("build the provider: %w: %s", err, output)
	}
	return dir, err
})

// NewWorkspace builds the provider and lays a configuration out; the block that names the provider's source comes with it.
func NewWorkspace(t *testing.T, configuration string) *Workspace {
	t.Helper()
	dir, err := built()
	if err != nil {
		t.Fatal(err)
	}
	// A name of its own for the binary tells this workspace's provider from any other.
	binaries, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &Workspace{binary: filepath.Join(binaries, binaryName), t: t}
	if err := os.Link(filepath.Join(dir, binaryName), w.binary); err != nil {
		t.Fatal(err)
	}
	if w.CLI, err = terraformcli.Find(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Dir = t.TempDir()
	w.Configure(configuration)
	if err := w.Override(filepath.Join(binaries, "cli.tfrc"), binaries); err != nil {
		t.Fatal(err)
	}
	return w
}

// Init has the CLI install the provider from a mirror, and set a backend up, which a workspace without 'init' can't have.
func (w *Workspace) Init(arguments ...string) {
	w.t.Helper()
	binaries := filepath.Dir(w.binary)
	if err := w.Mirror(filepath.Join(binaries, "mirror.tfrc"), binaries, filepath.Join(binaries, "mirror"), "1.0.0"); err != nil {
		w.t.Fatal(err)
	}
	w.Must(append([]string{"init", "-input=false", "-no-color"}, arguments...)...)
}

// Configure replaces the configuration.
func (w *Workspace) Configure(configuration string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.Dir, "main.tf"), []byte(header+configuration), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// ApplyAndKill applies, and kills the provider when the channel is closed. It reports whether that happened; if not, the
// apply has to succeed.
func (w *Workspace) ApplyAndKill(reached <-chan struct{}) (killed bool) {
	w.t.Helper()
	done := make(chan terraformcli.Result, 1)
	go func() {
		result, err := w.Run(w.t.Context(), "apply", "-auto-approve", "-input=false", "-no-color")
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
		w.kill()
		result = <-done
	case result = <-done:
	}
	if killed == (result.ExitCode == 0) {
		w.t.Fatalf("killed: %t, exit code %d:\n%s", killed, result.ExitCode, result.Output)
	}
	return killed
}

// Must runs the CLI, which has to succeed, and gives what it printed.
func (w *Workspace) Must(arguments ...string) string {
	w.t.Helper()
	result, err := w.Run(w.t.Context(), arguments...)
	if err != nil || result.ExitCode != 0 {
		w.t.Fatalf("%v: exit code %d, %v:\n%s", arguments, result.ExitCode, err, result.Output)
	}
	return result.Output
}

// PlanImported generates the configuration for an import block into generated.tf, holds it to be valid, and gives the one change that is
// planned beside the import: the attributes before and after.
func (w *Workspace) PlanImported() (before, after map[string]any) {
	w.t.Helper()
	w.generate("generated.tf")
	w.Must("validate", "-no-color")
	w.Must("plan", "-input=false", "-no-color", "-out=plan")
	var plan struct {
		Changes []struct {
			Change struct {
				Actions       []string
				Before, After map[string]any
			}
		} `json:"resource_changes"`
	}
	if err := json.Unmarshal([]byte(w.Must("show", "-json", "plan")), &plan); err != nil {
		w.t.Fatal(err)
	}
	if len(plan.Changes) != 1 || slices.Contains(plan.Changes[0].Change.Actions, "create") {
		w.t.Fatalf("not one import: %+v", plan.Changes)
	}
	return plan.Changes[0].Change.Before, plan.Changes[0].Change.After
}

// bareKey is a line that begins an element of a map whose key has a dot and no quotes.
var bareKey = regexp.MustCompile(`(?m)^(\s*)([^\s"=]+\.[^\s"=]+) = \{$`)

// generate generates the configuration of what is imported into a file. OpenTofu 1.12 writes the keys of a nested map without the quotes that
// a dot calls for, and stops at them after it has written the file: they are quoted here, as a person has to.
func (w *Workspace) generate(file string) {
	w.t.Helper()
	arguments := []string{"plan", "-input=false", "-no-color", "-generate-config-out=" + file}
	if !terraformcli.IsOpenTofu(w.CLI) {
		w.Must(arguments...)
		return
	}
	result, err := w.Run(w.t.Context(), arguments...)
	if err != nil || (result.ExitCode != 0 && !strings.Contains(result.Output, "Reference to undeclared resource")) {
		w.t.Fatalf("%v: exit code %d, %v:\n%s", arguments, result.ExitCode, err, result.Output)
	}
	name := filepath.Join(w.Dir, file)
	content, err := os.ReadFile(name)
	if err == nil {
		err = os.WriteFile(name, bareKey.ReplaceAll(content, []byte(`$1"$2" = {`)), 0o600)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// Plain gives what the CLI printed on one line, without the frames of its diagnostics, which it wraps.
func Plain(printed string) string {
	return strings.Join(strings.FieldsFunc(printed, func(r rune) bool { return strings.ContainsRune(" \t\r\n│╷╵", r) }), " ")
}

// kill ends the processes of this provider and no other's, as kill -9 does.
func (w *Workspace) kill() { w.signal(syscall.SIGKILL) }

func (w *Workspace) signal(number syscall.Signal) {
	for _, process := range w.processes() {
		_ = syscall.Kill(process, number)
	}
}

// processes are those of this provider and no other's.
func (w *Workspace) processes() (ids []int) {
	processes, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, process := range processes {
		if target, err := os.Readlink(process); err == nil && target == w.binary {
			if id, err := strconv.Atoi(filepath.Base(filepath.Dir(process))); err == nil {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// WatchMemory begins to look at how much memory the provider's processes take. The function ends that, and gives the most in MiB.
func (w *Workspace) WatchMemory() (stop func() float64) {
	ended, peak := make(chan struct{}), make(chan float64)
	go func() {
		most := 0.0
		for ticker := time.NewTicker(100 * time.Millisecond); ; {
			select {
			case <-ended:
				ticker.Stop()
				peak <- most
				return
			case <-ticker.C:
				for _, process := range w.processes() {
					most = max(most, peakMiB(process))
				}
			}
		}
	}()
	return func() float64 {
		close(ended)
		return <-peak
	}
}

// peakMiB reads what a process has taken at most; 0 where it is gone.
func peakMiB(process int) float64 {
	content, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", process))
	_, after, _ := strings.Cut(string(content), "VmHWM:")
	var kiB float64
	_, _ = fmt.Sscan(after, &kiB)
	return kiB / 1024
}
