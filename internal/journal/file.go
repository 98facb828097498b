// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package journal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/uuid"
)

// A process has two files, so that its records can be written by their own handle wherever a lock binds its holder, too.
const (
	recordsSuffix = ".jsonl"
	lockSuffix    = ".lock"
	// mutexName is the lock on the folder: for making a file, and for what dead processes left.
	mutexName = "mutex"
	lockPoll  = 20 * time.Millisecond
	// folderPatience is the longest wait for the folder: who holds its lock may be asking a server about a leftover.
	folderPatience = 2 * time.Minute
)

// line is one line of a file: a record begins, has an id, or is settled; or the process ended by itself.
type line struct {
	Entry   int        `json:"entry"`
	Begin   *Record    `json:"begin,omitempty"`
	Made    string     `json:"made,omitempty"`
	Settled bool       `json:"settled,omitempty"`
	Ended   *time.Time `json:"ended,omitempty"`
}

// file is the file of a process, and the lock that says whether the process lives.
type file struct {
	path    string
	lock    *flock.Flock
	records *os.File
}

// errFolderHeld says that somebody held the folder's lock for too long.
var errFolderHeld = errors.New("another run of Terraform on this machine has held the journal's lock for " + folderPatience.String())

// enter locks the folder. It waits for others until the context ends, and not longer than folderPatience.
func enter(ctx context.Context, dir string) (leave func(), err error) {
	mutex := flock.New(filepath.Join(dir, mutexName), flock.SetPermissions(0o600))
	waiting, cancel := context.WithTimeoutCause(ctx, folderPatience, errFolderHeld)
	defer cancel()
	if _, err := mutex.TryLockContext(waiting, lockPoll); err != nil {
		if ctx.Err() == nil && waiting.Err() != nil {
			err = context.Cause(waiting)
		}
		return nil, errors.Join(fmt.Errorf("lock the folder: %w", err), mutex.Close())
	}
	return func() { _ = mutex.Close() }, nil // The system ends the lock with the handle, whatever Close says.
}

// createFile makes the file of this process.
func createFile(ctx context.Context, dir string) (*file, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	// Nobody is to see the file before it is locked and take it for a dead process's.
	leave, err := enter(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer leave()
	path := filepath.Join(dir, uuid.NewString())
	own, err := lockFile(path)
	if err != nil {
		return nil, err
	}
	if err := own.openRecords(os.O_CREATE | os.O_EXCL); err != nil {
		return nil, errors.Join(err, own.close(), own.removeLock())
	}
	syncFolder(dir)
	return own, nil
}

// errLocked says that the process of a file lives.
var errLocked = errors.New("its process lives")

// lockFile locks a file if its process is dead, or if it is a new one. It is errLocked otherwise.
func lockFile(path string) (*file, error) {
	lock := flock.New(path+lockSuffix, flock.SetPermissions(0o600))
	locked, err := lock.TryLock()
	if err == nil && !locked {
		err = errLocked
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", filepath.Base(path), err), lock.Close())
	}
	return &file{path: path, lock: lock}, nil
}

func (f *file) openRecords(flag int) error {
	records, err := os.OpenFile(f.path+recordsSuffix, flag|os.O_WRONLY|os.O_APPEND, 0o600)
	f.records = records
	return err
}

// append writes lines through to the disk. The line break before each ends what a full disk let through only half.
func (f *file) append(lines ...line) error {
	var content []byte
	for _, l := range lines {
		text, err := json.Marshal(l)
		if err != nil {
			return err
		}
		content = append(append(append(content, '\n'), text...), '\n')
	}
	if _, err := f.records.Write(content); err != nil {
		return err
	}
	return f.records.Sync()
}

// settle settles entries of a dead process, behind its whole lines.
func (f *file) settle(entries []int, size int64) error {
	if err := f.openRecords(0); err != nil {
		return err
	}
	if err := f.records.Truncate(size); err != nil {
		return err
	}
	lines := make([]line, len(entries))
	for i, entry := range entries {
		lines[i] = line{Entry: entry, Settled: true}
	}
	return f.append(lines...)
}

// numbered is a record that is not settled, and its number in its file.
type numbered struct {
	entry  int
	record Record
}

// found is what a file says.
type found struct {
	// open are the records that are not settled, in order.
	open []numbered
	// ended is when the process ended by itself; nil where it was killed.
	ended *time.Time
	// damaged counts the lines that could not be understood.
	damaged int
	// size is that of all whole lines. A last line that was begun only is none: what it was to announce was never done.
	size int64
}

func (f *file) read() (found, error) {
	content, err := os.ReadFile(f.path + recordsSuffix)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return found{}, err
	}
	content = content[:bytes.LastIndexByte(content, '\n')+1]
	result := found{size: int64(len(content))}
	records, settled := map[int]*Record{}, map[int]bool{}
	var order []int
	for text := range bytes.SplitSeq(content, []byte{'\n'}) {
		var l line
		switch {
		case len(text) == 0:
			continue
		case json.Unmarshal(text, &l) != nil:
			result.damaged++
			continue
		case l.Ended != nil:
			result.ended = l.Ended
			continue
		case l.Begin != nil:
			records[l.Entry] = l.Begin
			order = append(order, l.Entry)
		case l.Made != "" && records[l.Entry] != nil:
			records[l.Entry].ID = l.Made
		}
		settled[l.Entry] = settled[l.Entry] || l.Settled
	}
	for _, entry := range order {
		if !settled[entry] {
			result.open = append(result.open, numbered{entry, *records[entry]})
		}
	}
	return result, nil
}

// close ends the lock, and leaves the file.
func (f *file) close() error {
	var err error
	if f.records != nil {
		err = f.records.Close()
		f.records = nil
	}
	return errors.Join(err, f.lock.Close())
}

// remove removes the records, removeLock what told that their process lives. An open file can't be removed on Windows, so that
// the handles are closed first, and the lock's name goes last: records without it would never be found.
func (f *file) remove() error {
	var err error
	if f.records != nil {
		err = f.records.Close()
		f.records = nil
	}
	return errors.Join(err, removeIfThere(f.path+recordsSuffix))
}

// end removes the file and all that belongs to it.
func (f *file) end() error { return errors.Join(f.remove(), f.close(), f.removeLock()) }

func (f *file) removeLock() error { return removeIfThere(f.path + lockSuffix) }

func removeIfThere(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// syncFolder writes the names in a folder through to the disk, where the system can: a killed process needs none of it, a
// machine that loses power does.
func syncFolder(dir string) {
	if folder, err := os.Open(dir); err == nil { //nolint:gosec // The folder is the journal's own.
		_ = folder.Sync()
		_ = folder.Close()
	}
}
