// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package devstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/gofrs/flock"
)

const (
	lockName = "lock"
	// stopTimeout bounds how long a service may take to end before it is killed.
	stopTimeout = 10 * time.Second
)

// Stack is a set of running services and the folder that they live in.
type Stack struct {
	dir     string
	lock    *flock.Flock
	closers []func() error
}

// Open makes a new stack below the operating system's folder for temporary files (a home folder is often closed to the
// user that PostgreSQL runs as), and removes what dead ones left there.
func Open() (*Stack, error) {
	root := filepath.Join(os.TempDir(), "terrascale-devstack-"+strconv.Itoa(os.Getuid()))
	if err := makePassable(root); err != nil {
		return nil, err
	}
	// One at a time: a folder that is made but not locked yet would look like a dead one's.
	turn := flock.New(filepath.Join(root, lockName))
	if err := turn.Lock(); err != nil {
		return nil, fmt.Errorf("lock the devstack folder: %w", err)
	}
	defer func() { _ = turn.Close() }()
	sweep(root)

	dir, err := os.MkdirTemp(root, "s")
	if err != nil {
		return nil, fmt.Errorf("make the stack's folder: %w", err)
	}
	if err := makePassable(dir); err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(dir, lockName))
	if held, err := lock.TryLock(); err != nil || !held {
		return nil, fmt.Errorf("lock the stack's folder %s: %w", dir, err)
	}
	return &Stack{dir: dir, lock: lock}, nil
}

// makePassable makes a folder that another user can pass through but not list.
func makePassable(dir string) error {
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return fmt.Errorf("make the devstack folder: %w", err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		return fmt.Errorf("open the devstack folder to the database's user: %w", err)
	}
	return nil
}

// Dir is the stack's folder.
func (s *Stack) Dir() string { return s.dir }

// Close stops every service, the last one first, and removes the folder.
func (s *Stack) Close() error {
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i]())
	}
	s.closers = nil
	errs = append(errs, os.RemoveAll(s.dir), s.lock.Close())
	return errors.Join(errs...)
}

// sweep ends and removes the stacks below root whose owner is dead. What can't be swept is left for the next one.
func sweep(root string) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return
	}
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		dir := filepath.Join(root, entry.Name())
		lock := flock.New(filepath.Join(dir, lockName))
		if held, err := lock.TryLock(); err != nil || !held {
			continue
		}
		stopOrphans(dir)
		_ = os.RemoveAll(dir)
		_ = lock.Close()
	}
}

// stopOrphans ends the PostgreSQL servers that outlived the owner of dir.
func stopOrphans(dir string) {
	pidFiles, _ := filepath.Glob(filepath.Join(dir, "*", "data", "postmaster.pid"))
	for _, pidFile := range pidFiles {
		binaries, err := findPostgreSQL("")
		if err != nil {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		command := exec.CommandContext(ctx, filepath.Join(binaries, "pg_ctl"),
			"stop", "--mode=immediate", "--pgdata="+filepath.Dir(pidFile))
		if err := runAsServiceUser(command); err == nil {
			_ = command.Run()
		}
		cancel()
	}
}
