// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Provisioner is a block for a resource, by which ApplyAndLose knows that the resource is made; it holds the apply for the provider to
// be killed, and fails it.
const Provisioner = `
provisioner "local-exec" {
  command = "touch made; sleep 1; exit 1"
}
`

// ApplyAndLose applies, kills the provider once a resource with the Provisioner is made, and loses the state: what a run leaves that is
// killed after it made something and before that was saved.
func (w *Workspace) ApplyAndLose() {
	w.t.Helper()
	if !w.ApplyAndKill(w.appears("made")) {
		w.t.Fatal("the apply ended before the provider was killed")
	}
	for _, name := range []string{"made", "terraform.tfstate"} {
		if err := os.Remove(filepath.Join(w.Dir, name)); err != nil {
			w.t.Fatal(err)
		}
	}
}

// ApplyAndLoseAgain is ApplyAndLose with another configuration.
func (w *Workspace) ApplyAndLoseAgain(configuration string) {
	w.t.Helper()
	w.Configure(configuration)
	w.ApplyAndLose()
}

// appears gives a channel that is closed once a file is in the folder.
func (w *Workspace) appears(name string) <-chan struct{} {
	reached := make(chan struct{})
	go func() {
		ticker := time.NewTicker(10 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				if _, err := os.Stat(filepath.Join(w.Dir, name)); err == nil {
					close(reached)
					return
				}
			case <-w.t.Context().Done():
				return
			}
		}
	}()
	return reached
}

// Running is a CLI that runs, and what can happen to it.
type Running struct {
	workspace *Workspace
	process   *os.Process
	killed    bool
}

// KillProvider ends the provider as kill -9 does.
func (r *Running) KillProvider() {
	r.killed = true
	r.workspace.kill()
}

// CrashProvider ends the provider as its own runtime does, which says what every goroutine is at.
func (r *Running) CrashProvider() {
	r.killed = true
	r.workspace.signal(syscall.SIGQUIT)
}

// KillCLI ends the CLI as kill -9 does; its provider lives on for a moment.
func (r *Running) KillCLI() { _ = r.process.Kill() }

// Interrupt is Ctrl-C: both get it, since a terminal sends it to all that runs in it.
func (r *Running) Interrupt() { _ = syscall.Kill(-r.process.Pid, syscall.SIGINT) }

// RunAndKillAfter runs the CLI, and after a time kills the provider, or the CLI and then the provider. It reports what the CLI gave, where
// it was not killed itself. What does not end within the limit is a failure of the test.
func (w *Workspace) RunAndKillAfter(delay time.Duration, alsoCLI bool, limit time.Duration, arguments ...string) (output string, exitCode int) {
	w.t.Helper()
	return w.RunAndStrike(delay, limit, func(r *Running) {
		if alsoCLI {
			r.KillCLI()
		}
		r.KillProvider()
	}, arguments...)
}

// RunWithin runs the CLI. What does not end within the limit is a failure of the test.
func (w *Workspace) RunWithin(limit time.Duration, arguments ...string) (output string, exitCode int) {
	w.t.Helper()
	return w.RunAndStrike(limit, limit, func(*Running) {}, arguments...)
}

// RunAndStrike runs the CLI, and after a time does something to it, or to what it works on. It reports what the CLI gave, where it was not killed
// itself. What does not end within the limit is a failure of the test.
func (w *Workspace) RunAndStrike(delay, limit time.Duration, strike func(*Running), arguments ...string) (output string, exitCode int) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), limit)
	defer cancel()
	command := exec.CommandContext(ctx, w.CLI, arguments...)
	command.Dir, command.Env = w.Dir, append(os.Environ(), w.Environment...)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var printed bytes.Buffer
	command.Stdout, command.Stderr = &printed, &printed
	command.WaitDelay = limit // A provider that outlives the CLI may hold what it printed to.
	if err := command.Start(); err != nil {
		w.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = command.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(delay):
		running := &Running{workspace: w, process: command.Process}
		strike(running)
		<-ended
		if running.killed {
			w.kill() // The CLI may have started another one meanwhile.
		}
	}
	if ctx.Err() != nil {
		w.t.Fatalf("%v did not end within %s:\n%s", arguments, limit, printed.String())
	}
	return printed.String(), command.ProcessState.ExitCode()
}
