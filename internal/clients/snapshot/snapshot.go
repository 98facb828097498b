// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package snapshot keeps what was read from a service for all who ask for it, until something is written. Terraform refreshes
// each resource by itself, and many at a time: without it, a thousand resources would read one list a thousand times.
package snapshot

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/singleflight"
)

// Snapshot holds values by key. The zero value is empty. It is safe for concurrent use.
type Snapshot[V any] struct {
	// Keeps reports whether a failure is kept for all who ask later; nil: each is.
	Keeps func(error) bool

	flights singleflight.Group

	mu         sync.Mutex
	generation int
	values     map[string]entry[V]
}

// entry is a value, or the error of loading it.
type entry[V any] struct {
	value V
	err   error
}

// SharedError is a failure that all meet who ask for the same thing in one run, and that is not tried again.
type SharedError struct {
	Err  error
	told atomic.Bool
}

// Share makes a failure one that many meet, and nil of nil. What came of such a failure is one already.
func Share(err error) error {
	if _, isShared := errors.AsType[*SharedError](err); err == nil || isShared {
		return err
	}
	return &SharedError{Err: err}
}

// Error is the failure's own.
func (e *SharedError) Error() string { return e.Err.Error() }

// Unwrap gives the failure.
func (e *SharedError) Unwrap() error { return e.Err }

// Tell reports whether the failure is to be told in full: that is so for the first who tells it.
func (e *SharedError) Tell() (inFull bool) { return e.told.CompareAndSwap(false, true) }

// errEnded wraps the error of one whose own context ended: it says nothing to others.
type errEnded struct{ error }

func (e errEnded) Unwrap() error { return e.error }

// Get gives the value of a key. Of all who ask for one that is not there, one loads it. An error is kept like a value, unless Keeps
// says otherwise: whoever loads has tried as often as makes sense. All who meet it get one *SharedError. When the context of the one
// that loads ends, another of those who wait loads. Nobody gets a value whose loading began before the last Drop that came before Get.
func (s *Snapshot[V]) Get(ctx context.Context, key string, load func(context.Context) (V, error)) (V, error) {
	for {
		known, isKnown, generation := s.known(key)
		if isKnown {
			return known.value, known.err
		}
		result := s.flights.DoChan(strconv.Itoa(generation)+" "+key, func() (any, error) {
			if known, isKnown, now := s.known(key); isKnown && now == generation {
				return known, nil // Somebody else's loading ended since the look above.
			}
			loaded, err := load(ctx)
			if err != nil && ctx.Err() != nil {
				return nil, errEnded{err}
			}
			if err != nil && s.Keeps != nil && !s.Keeps(err) {
				return entry[V]{loaded, err}, nil
			}
			e := entry[V]{loaded, Share(err)}
			s.keep(generation, key, e)
			return e, nil
		})
		select {
		case <-ctx.Done():
			var none V
			return none, fmt.Errorf("no answer yet to what this run asks once for all resources: %w", context.Cause(ctx))
		case loaded := <-result:
			if loaded.Err != nil {
				if ctx.Err() == nil {
					continue // That was the end of somebody else's context.
				}
				var none V
				return none, errors.Unwrap(loaded.Err)
			}
			e, _ := loaded.Val.(entry[V])
			return e.value, e.err
		}
	}
}

func (s *Snapshot[V]) known(key string) (known entry[V], isKnown bool, generation int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, isKnown = s.values[key]
	return known, isKnown, s.generation
}

func (s *Snapshot[V]) keep(generation int, key string, loaded entry[V]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.generation != generation {
		return
	}
	if s.values == nil {
		s.values = map[string]entry[V]{}
	}
	s.values[key] = loaded
}

// Change brings the value of a key, where there is one, up to date with a write whose outcome is known, and forgets all others. The function
// gives another value, and leaves the one that it gets as it is: others have it.
func (s *Snapshot[V]) Change(key string, change func(V) V) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.generation++ // What is being read may have missed the write.
	known, isKnown := s.values[key]
	s.values = nil
	if isKnown && known.err == nil {
		s.values = map[string]entry[V]{key: {value: change(known.value)}}
	}
}

// Drop forgets everything. It is called before a write and after it: what is read in between may be either.
func (s *Snapshot[V]) Drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.generation++
	s.values = nil
}
