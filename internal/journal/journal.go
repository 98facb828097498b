// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package journal remembers on this machine what a run is about to make, so that a later run can tell what a killed one left
// behind. It holds names and ids, never a secret.
//
// Each process has a file of its own in the folder, and holds a lock on it for as long as it lives: what is in the file of a
// process that lives is its own business, and what is in the file of a dead one is left over. A process that ends by itself leaves its
// file, too, for KeptFor: Terraform saves the state only after that, and may be killed before it has. What a later run finds in the state
// is not left over. A journal that can't be kept stops nothing: that is logged, and the run goes on without.
package journal

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"
)

// The kinds of what is recorded.
const (
	AllowlistEntry = "allowlist_entry"
	APIKey         = "api_key"
	Adapter        = "adapter"
	Database       = "database"
	MySQLUser      = "mysql_user"
	Organization   = "organization"
	PostgreSQLRole = "postgresql_role"
	RedisUser      = "redis_user"
	Repository     = "repository"
	TeamMember     = "team_member"
)

// Record is what a run is about to make. Nothing in it is secret.
type Record struct {
	Kind string `json:"kind"`
	// Scope is where the name is looked for, such as an endpoint and an organization. Only its equality counts.
	Scope string `json:"scope"`
	Name  string `json:"name"`
	// Began is when, by the clock of this machine.
	Began time.Time `json:"began"`
	// Details are what else the kind needs to recognise what came of it, as JSON; nil where it needs nothing.
	Details json.RawMessage `json:"details,omitempty"`
	// ID is what was made, once that is known.
	ID string `json:"id,omitempty"`
}

// KeptFor is how long after the end of a process what it handed over counts as left over, where no run has found it in the state: long
// enough to run again after a killed run, and too short for the thing to have become somebody else's.
const KeptFor = 15 * time.Minute

// sweepPatience is the longest that the end of a process waits for the folder: Terraform gives a provider two seconds to end.
const sweepPatience = 300 * time.Millisecond

// Log takes a warning. It fits tflog.Warn.
type Log func(ctx context.Context, message string, fields ...map[string]any)

// Journal is the journal of a process. It is safe for concurrent use. A nil Journal remembers nothing.
type Journal struct {
	dir string
	log Log
	now func() time.Time

	// creating is held by who makes this process's file, who waits for the folder's lock meanwhile. Nobody waits for that lock, or for
	// creating, while holding mu: who has the folder's lock asks for mu.
	creating chan struct{}

	mu  sync.Mutex
	own *file
	// off is set once the journal could not be kept.
	off bool
	// next numbers the entries; open holds those that are not settled.
	next int
	open map[int]*Entry
	// saved are what this process found in the state: their records are dropped when it ends.
	saved map[identity]bool
}

// identity tells what was made from all else.
type identity struct{ kind, scope, id string }

// New makes the journal of this process in a folder. Nothing is written before there is something to remember. A folder that
// is empty gives a nil Journal.
func New(dir string, log Log) *Journal {
	if dir == "" {
		return nil
	}
	return &Journal{
		dir: dir, log: log, now: time.Now, creating: make(chan struct{}, 1), open: map[int]*Entry{}, saved: map[identity]bool{},
	}
}

// Entry is a record of this process. A nil Entry remembers nothing.
type Entry struct {
	journal *Journal
	number  int
	// handed is set when what was made is with whoever saves it.
	handed bool
}

// Begin writes a record to the disk, before what it speaks of is made.
func (j *Journal) Begin(ctx context.Context, record Record) *Entry {
	if j == nil {
		return nil
	}
	if !j.opened(ctx) {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.own == nil {
		return nil // It was closed meanwhile.
	}
	entry := &Entry{journal: j, number: j.next}
	if err := j.own.append(line{Entry: entry.number, Begin: &record}); err != nil {
		j.warn(ctx, "A record could not be written: what this run makes is not found again if it is killed", err)
		return nil
	}
	j.next++
	j.open[entry.number] = entry
	return entry
}

// opened makes this process's file where there is none yet, and reports whether there is one now.
func (j *Journal) opened(ctx context.Context) bool {
	select {
	case j.creating <- struct{}{}:
		defer func() { <-j.creating }()
	case <-ctx.Done():
		return false
	}
	if own, off := j.state(); own || off {
		return own
	}
	own, err := createFile(ctx, j.dir)
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case err == nil && j.off: // It was closed meanwhile.
		if err := own.end(); err != nil {
			j.warn(ctx, "The journal could not be ended", err)
		}
	case err == nil:
		j.own = own
	case ctx.Err() == nil:
		j.off = true
		j.warn(ctx, "The journal is off: what this run makes is not found again if it is killed", err)
	}
	return j.own != nil
}

// state reports whether there is a file, and whether there will be none.
func (j *Journal) state() (own, off bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.own != nil, j.off
}

// Made adds the id of what was made.
func (e *Entry) Made(ctx context.Context, id string) {
	if e != nil {
		e.journal.note(ctx, line{Entry: e.number, Made: id})
	}
}

// Settle ends the record: nothing is left over of what it speaks of.
func (e *Entry) Settle(ctx context.Context) {
	if e == nil {
		return
	}
	e.journal.note(ctx, line{Entry: e.number, Settled: true})
	e.journal.mu.Lock()
	defer e.journal.mu.Unlock()
	delete(e.journal.open, e.number)
}

// Failed settles the record of what failed, but where the error says that something may have been made all the same: the next run looks for that.
func (e *Entry) Failed(ctx context.Context, err, mayBeLeft error) {
	if !errors.Is(err, mayBeLeft) {
		e.Settle(ctx)
	}
}

// HandOver says that what was made is with whoever saves it. The record stays until a later run finds it in the state.
func (e *Entry) HandOver() {
	if e == nil {
		return
	}
	e.journal.mu.Lock()
	defer e.journal.mu.Unlock()
	e.handed = true
}

func (j *Journal) note(ctx context.Context, l line) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.own == nil {
		return
	}
	if err := j.own.append(l); err != nil {
		j.warn(ctx, "A record could not be completed", err)
	}
}

// Close ends the journal of a process that ends by itself. Its file stays where it made something, or is still making it: the process
// ends without waiting for that, as after a second interrupt, and the next one finds it.
func (j *Journal) Close() error {
	if j == nil {
		return nil
	}
	j.dropSaved()
	j.mu.Lock()
	defer j.mu.Unlock()
	own, unfinished := j.own, false
	for _, entry := range j.open {
		unfinished = unfinished || !entry.handed
	}
	j.own, j.off = nil, true
	switch {
	case own == nil:
		return nil
	case unfinished:
		return own.close()
	case len(j.open) > 0:
		now := j.now()
		return errors.Join(own.append(line{Ended: &now}), own.close())
	default:
		return own.end()
	}
}

func (j *Journal) warn(ctx context.Context, message string, err error) {
	j.log(ctx, message, map[string]any{"journal": j.dir, "error": err.Error()})
}
