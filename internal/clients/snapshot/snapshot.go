// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package snapshot keeps what was read from a service for all who ask for it, until something is written. Terraform refreshes
// each resource by itself, and many at a time: without it, a thousand resources would read one list a thousand times.
package snapshot

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sync/singleflight"
)

// Snapshot holds values by key. The zero value is empty. It is safe for concurrent use.
type Snapshot[V any] struct {
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

// RepeatedError says that what is asked for could not be loaded when somebody else asked, and was not tried again.
type RepeatedError struct{ Err error }

// Repeat makes a *RepeatedError, and nil of nil.
func Repeat(err error) error {
	if err == nil {
		return nil
	}
	if again, ok := errors.AsType[*RepeatedError](err); ok {
		return again
	}
	return &RepeatedError{err}
}

// Error gives the first line of what the first one was told.
func (e *RepeatedError) Error() string {
	first, _, _ := strings.Cut(e.Err.Error(), "\n")
	return "the same failure as before in this run, and not tried again: " + first
}

// Unwrap gives what the first one was told.
func (e *RepeatedError) Unwrap() error { return e.Err }

// IsRepeated tells those who put errors into words, without knowing this type.
func (e *RepeatedError) IsRepeated() bool { return true }

// errEnded wraps the error of one whose own context ended: it says nothing to others.
type errEnded struct{ error }

func (e errEnded) Unwrap() error { return e.error }

// Get gives the value of a key. Of all who ask for one that is not there, one loads it. An error is kept like a value: whoever loads has
// tried as often as makes sense, and the others get a *RepeatedError. When the context of the one that loads ends, another of those who
// wait loads. Nobody gets a value whose loading began before the last Drop that came before Get.
func (s *Snapshot[V]) Get(ctx context.Context, key string, load func(context.Context) (V, error)) (V, error) {
	for {
		known, isKnown, generation := s.known(key)
		if isKnown {
			return known.value, Repeat(known.err)
		}
		isFirst := false
		result := s.flights.DoChan(strconv.Itoa(generation)+" "+key, func() (any, error) {
			if known, isKnown, now := s.known(key); isKnown && now == generation {
				return known, nil // Somebody else's loading ended since the look above.
			}
			isFirst = true
			loaded, err := load(ctx)
			if err != nil && ctx.Err() != nil {
				return nil, errEnded{err}
			}
			e := entry[V]{loaded, err}
			s.keep(generation, key, e)
			return e, nil
		})
		select {
		case <-ctx.Done():
			var none V
			return none, context.Cause(ctx)
		case loaded := <-result:
			if loaded.Err != nil {
				if ctx.Err() == nil {
					continue // That was the end of somebody else's context.
				}
				var none V
				return none, errors.Unwrap(loaded.Err)
			}
			e, _ := loaded.Val.(entry[V])
			if isFirst {
				return e.value, e.err
			}
			return e.value, Repeat(e.err)
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

// Drop forgets everything. It is called before a write and after it: what is read in between may be either.
func (s *Snapshot[V]) Drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.generation++
	s.values = nil
}
