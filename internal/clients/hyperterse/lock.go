// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/gofrs/flock"
)

// lockPatience is the longest wait for another process to be done with a file.
const lockPatience = 2 * time.Minute

// lockPoll is how often a lock that somebody else holds is tried.
const lockPoll = 10 * time.Millisecond

// lock waits for the right to change a file, and gives what ends it.
//
// The lock is the system's, on a file beside the one to change: every process that can replace the file can see it, it
// ends with its process however that ends, and the lock file is removed, so that no repository collects it.
func lock(ctx context.Context, path string) (unlock func() error, err error) {
	name := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".lock")
	ctx, cancel := context.WithTimeoutCause(ctx, lockPatience, fmt.Errorf(
		"another process has held %s for %s: end that run, or wait for it, and apply again", name, lockPatience))
	defer cancel()
	for {
		held := flock.New(name, flock.SetPermissions(0o600))
		if _, err := held.TryLockContext(ctx, lockPoll); err != nil {
			if cause := context.Cause(ctx); cause != nil {
				err = cause
			}
			return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), held.Close())
		}
		current, err := isCurrent(held, name)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), held.Close())
		}
		if current {
			return func() error { return release(held, name) }, nil
		}
		if err := held.Close(); err != nil {
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
	}
}

// locked runs a function while nobody else changes a file. A file whose folder is gone needs no lock.
func locked(ctx context.Context, path string, do func() error) (err error) {
	unlock, err := lock(ctx, path)
	if errors.Is(err, fs.ErrNotExist) {
		return do()
	}
	if err != nil {
		return inFile(path, err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	return do()
}

// isCurrent reports whether a lock is on the file that bears the name now: whoever held it before may have removed that
// file while we waited.
func isCurrent(held *flock.Flock, name string) (bool, error) {
	mine, err := held.Stat()
	if err != nil {
		return false, err
	}
	there, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && os.SameFile(mine, there), err
}

// release removes the lock file and ends the lock.
func release(held *flock.Flock, name string) error {
	if runtime.GOOS == "windows" {
		// An open file can't be removed there: if somebody has opened it by now, it is theirs to remove.
		err := held.Close()
		_ = os.Remove(name)
		return err
	}
	err := os.Remove(name)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, held.Close())
}
