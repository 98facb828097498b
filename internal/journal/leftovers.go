// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Resolve hands each record that dead processes left of a kind, scope and name to settle, and forgets it when that reports
// done. Nobody else looks at the folder's leftovers meanwhile: who calls Resolve before making something of that name can't
// have it taken for a leftover by another. An error is the end of the context, while somebody else was at it.
func (j *Journal) Resolve(ctx context.Context, kind, scope, name string, settle func(Record) (done bool)) error {
	return j.sweep(ctx, func(record Record) bool {
		return record.Kind == kind && record.Scope == scope && record.Name == name && settle(record)
	})
}

// Left reports whether a dead process left a record of a kind, scope and name that isIt recognises. The record stays.
func (j *Journal) Left(ctx context.Context, kind, scope, name string, isIt func(Record) bool) bool {
	found := false
	_ = j.Resolve(ctx, kind, scope, name, func(record Record) (done bool) {
		found = found || isIt(record)
		return false
	})
	return found
}

// Forget says that something is saved, so that no record of it is left over. The records are dropped when the process ends.
func (j *Journal) Forget(kind, scope, id string) {
	if j == nil || id == "" {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.saved[identity{kind, scope, id}] = true
}

func (j *Journal) isSaved(record Record) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return record.ID != "" && j.saved[identity{record.Kind, record.Scope, record.ID}]
}

// dropSaved drops the records of what is saved. Where somebody else is at the folder, the next run does.
func (j *Journal) dropSaved() {
	j.mu.Lock()
	none := len(j.saved) == 0
	j.mu.Unlock()
	if none {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), sweepPatience)
	defer cancel()
	_ = j.sweep(ctx, func(Record) (done bool) { return false })
}

// sweep goes through what dead processes left, and settles what is saved, and what done says.
func (j *Journal) sweep(ctx context.Context, done func(Record) bool) error {
	if j == nil || len(j.others(ctx)) == 0 {
		return nil
	}
	leave, err := enter(ctx, j.dir)
	if ctx.Err() != nil {
		return fmt.Errorf("waiting for who else looks at what killed runs left: %w", ctx.Err())
	}
	if errors.Is(err, errFolderHeld) {
		return err // What is to be made may be just what the other run is taking for a leftover.
	}
	if err != nil {
		j.warn(ctx, "What killed runs left can't be looked for", err)
		return nil
	}
	defer leave()
	for _, path := range j.others(ctx) {
		dead, err := lockFile(path)
		if err == nil {
			err = j.sweepFile(ctx, dead, done)
		}
		if err != nil && !errors.Is(err, errLocked) {
			j.warn(ctx, "What a killed run left can't be looked at", err)
		}
	}
	return nil
}

// others lists the files of other processes, without suffix. A folder that is not there, or can't be read, has none.
func (j *Journal) others(ctx context.Context) []string {
	entries, err := os.ReadDir(j.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		j.warn(ctx, "What killed runs left can't be looked for", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	var paths []string
	for _, entry := range entries {
		name, isLock := strings.CutSuffix(entry.Name(), lockSuffix)
		path := filepath.Join(j.dir, name)
		if isLock && (j.own == nil || j.own.path != path) {
			paths = append(paths, path)
		}
	}
	return paths
}

// sweepFile settles what done says in the file of a dead process, and removes the file when nothing is left in it.
func (j *Journal) sweepFile(ctx context.Context, dead *file, done func(Record) bool) error {
	left, err := dead.read()
	if err != nil {
		return errors.Join(err, dead.close())
	}
	if left.damaged > 0 {
		j.log(ctx, "A killed run's journal has lines that are not understood and are left out", map[string]any{
			"journal": j.dir, "lines": left.damaged,
		})
	}
	isOld := left.ended != nil && j.now().Sub(*left.ended) > KeptFor
	var settled []int
	for _, open := range left.open {
		if isOld || j.isSaved(open.record) || done(open.record) {
			settled = append(settled, open.entry)
		}
	}
	switch {
	case len(settled) == len(left.open):
		return dead.end()
	case len(settled) > 0:
		err = dead.settle(settled, left.size)
	}
	return errors.Join(err, dead.close())
}
