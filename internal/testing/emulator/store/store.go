// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package store keeps the emulator's state and enforces the service's rules on it. It knows nothing of HTTP:
// a refused call is a *Refusal, and every other error is a failure to keep the state.
package store

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// Options of Open.
type Options struct {
	Clock    func() time.Time // required
	DataFile string           // "": the state is kept in memory only
}

// Store is the state. Its methods may be called at the same time; each is atomic.
type Store struct {
	clock func() time.Time
	path  string
	lock  *flock.Flock // nil without a data file

	mutex  sync.Mutex
	doc    *document
	saved  []byte // what the data file holds
	closed bool   // the data file may be someone else's by now
}

// Open loads the data file, if there is one, or begins empty. Empty reports which. An unreadable or broken file
// is an error and stays as it is; so is a file that another emulator has open.
func Open(options Options) (opened *Store, empty bool, err error) {
	s := &Store{clock: options.Clock, path: options.DataFile, doc: newDocument()}
	if s.path == "" {
		return s, true, nil
	}
	if err := s.acquire(); err != nil {
		return nil, false, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.lock.Unlock())
		}
	}()
	content, err := os.ReadFile(s.path)
	if errors.Is(err, os.ErrNotExist) {
		return s, true, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("reading the data file: %w", err)
	}
	if s.doc, err = decodeDocument(content); err != nil {
		return nil, false, fmt.Errorf("the data file %s can't be used and was left as it is: %w", s.path, err)
	}
	s.saved = content
	return s, false, nil
}

// acquire keeps two emulators from overwriting each other's state. The lock ends with the process, however it ends.
func (s *Store) acquire() error {
	s.lock = flock.New(s.path+".lock", flock.SetPermissions(0o600))
	locked, err := s.lock.TryLock()
	if err != nil {
		return fmt.Errorf("locking the data file: %w", err)
	}
	if !locked {
		return fmt.Errorf("the data file %s is in use by another emulator", s.path)
	}
	return nil
}

// errClosed is what a change gets after Close.
var errClosed = errors.New("the emulator is closed")

// Close writes what is not written yet and lets the data file go; a second Close does nothing. The state can
// still be read, and no longer be changed.
func (s *Store) Close() error { return s.close((*Store).save) }

// Abandon is Close without the writing.
func (s *Store) Abandon() error { return s.close(func(*Store) error { return nil }) }

func (s *Store) close(last func(*Store) error) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	if s.path == "" {
		return nil
	}
	return errors.Join(last(s), s.lock.Unlock())
}

// now is the clock's time in UTC to the millisecond, as the service shows times.
func (s *Store) now() time.Time { return s.clock().UTC().Truncate(time.Millisecond) }

// view runs a read under the lock.
func (s *Store) view(read func(*document) error) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return read(s.doc)
}

// update runs a change under the lock and saves it. A change checks every rule before it touches the document,
// so a refused one leaves no trace; one that can't be saved is taken back.
func (s *Store) update(change func(*document) error) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.closed {
		return errClosed
	}
	if err := change(s.doc); err != nil {
		return err
	}
	if s.path == "" {
		return nil
	}
	if err := s.save(); err != nil {
		return errors.Join(err, s.restore())
	}
	return nil
}

func (s *Store) save() error {
	content, err := json.MarshalIndent(s.doc, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the state: %w", err)
	}
	if err := writeFile(s.path, content); err != nil {
		return fmt.Errorf("writing the data file: %w", err)
	}
	s.saved = content
	return nil
}

func (s *Store) restore() error {
	if s.saved == nil {
		s.doc = newDocument()
		return nil
	}
	doc, err := decodeDocument(s.saved)
	if err != nil {
		return fmt.Errorf("taking the change back: %w", err)
	}
	s.doc = doc
	return nil
}

func newSigningKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails: the runtime ends the process instead
	return key
}
