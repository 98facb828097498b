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
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/terraformcli"
)

const (
	startTimeout = 2 * time.Minute
	pollInterval = 50 * time.Millisecond
)

// demo is one run.
type demo struct {
	root, dir string
	keep      bool

	services   *exec.Cmd
	stdin      io.Closer
	playground *devstack.Playground
	workspace  terraformcli.Workspace
	// identity reads the secrets that the state holds as ciphertext.
	identity secret.String
	// passwords are all that the role ever had; outputs is all that the CLI printed.
	passwords []secret.String
	outputs   []string
	// seen is what the check saw last of the adapter's connection.
	seen connectionSeen
}

func (d *demo) stackFile() string { return filepath.Join(d.dir, "stack.json") }

// stopEarlier ends the services that 'KEEP=1' left up, and clears what a killed run left behind.
func (d *demo) stopEarlier(ctx context.Context) error {
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return fmt.Errorf("make the demo's folder: %w", err)
	}
	lock := flock.New(d.stackFile() + ".lock")
	held, err := lock.TryLock()
	if err != nil {
		return fmt.Errorf("lock the demo's folder: %w", err)
	}
	if !held {
		// A devstack that holds the lock is alive, so its process id is its own. It may still be starting.
		if earlier, err := devstack.ReadPlayground(d.stackFile()); err == nil {
			say("Stopping the services of an earlier run ...")
			_ = syscall.Kill(earlier.PID, syscall.SIGTERM)
		}
		waiting, cancel := context.WithTimeout(ctx, startTimeout)
		defer cancel()
		if _, err := lock.TryLockContext(waiting, pollInterval); err != nil {
			return fmt.Errorf("an earlier run's services did not end: %w", err)
		}
	}
	if err := lock.Unlock(); err != nil {
		return fmt.Errorf("unlock the demo's folder: %w", err)
	}
	return errors.Join(os.RemoveAll(d.stackFile()), os.RemoveAll(filepath.Join(d.dir, "quickstart")))
}

// startServices runs the devstack beside this process: it ends with it, or stays up with 'KEEP=1'.
func (d *demo) startServices(ctx context.Context) error {
	arguments := []string{"-file", d.stackFile()}
	if !d.keep {
		arguments = append(arguments, "-exit-with-stdin")
	}
	log, err := os.Create(filepath.Join(d.dir, "devstack.log"))
	if err != nil {
		return fmt.Errorf("make the services' log: %w", err)
	}
	defer func() { _ = log.Close() }()
	d.services = exec.Command(filepath.Join(d.root, "bin", "devstack"), arguments...)
	d.services.Stderr = log
	if d.keep {
		d.services.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	} else if d.stdin, err = d.services.StdinPipe(); err != nil {
		return fmt.Errorf("start the services: %w", err)
	}
	if err := d.services.Start(); err != nil {
		return fmt.Errorf("start the services: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- d.services.Wait() }()
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		if d.playground, err = devstack.ReadPlayground(d.stackFile()); err == nil {
			return nil
		}
		select {
		case err := <-ended:
			words, _ := os.ReadFile(log.Name())
			return fmt.Errorf("the services ended while starting: %w: %s", err, words)
		case <-ctx.Done():
			return fmt.Errorf("the services did not start: %w", ctx.Err())
		case <-time.After(pollInterval):
		}
	}
}

// close ends the services, unless they are kept.
func (d *demo) close() {
	if d.keep || d.stdin == nil {
		return
	}
	_ = d.stdin.Close()
	// The lock is free once the services have ended.
	lock := flock.New(d.stackFile() + ".lock")
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	if held, err := lock.TryLockContext(ctx, pollInterval); err == nil && held {
		_ = lock.Close()
	}
}
