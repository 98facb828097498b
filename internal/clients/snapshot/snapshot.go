// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package snapshot keeps what was read from a service for all who ask for it, until something is written. Terraform refreshes
// each resource by itself, and many at a time: without it, a thousand resources would read one list a thousand times.
package snapshot

import (
	"context"
	"errors"
	"strconv"
	"sync"

	"golang.org/x/sync/singleflight"
)

// Snapshot holds values by key. The zero value is empty. It is safe for concurrent use.
type Snapshot[V any] struct {
	flights singleflight.Group

	mu         sync.Mutex
	generation int
	values     map[string]V
}

// Get gives the value of a key. Of all who ask for one that is not there, one loads it; an error is not kept. When the
// context of the one that loads ends, another of those who wait loads. Nobody gets a value whose loading began before the
// last Drop that came before Get.
func (s *Snapshot[V]) Get(ctx context.Context, key string, load func(context.Context) (V, error)) (V, error) {
	for {
		value, known, generation := s.known(key)
		if known {
			return value, nil
		}
		result := s.flights.DoChan(strconv.Itoa(generation)+" "+key, func() (any, error) {
			if value, known, now := s.known(key); known && now == generation {
				return value, nil // Somebody else's loading ended since the look above.
			}
			loaded, err := load(ctx)
			if err == nil {
				s.keep(generation, key, loaded)
			}
			return loaded, err
		})
		select {
		case <-ctx.Done():
			return value, context.Cause(ctx)
		case loaded := <-result:
			if loaded.Err != nil && ctx.Err() == nil && isEnd(loaded.Err) && loaded.Shared {
				continue
			}
			value, _ = loaded.Val.(V)
			return value, loaded.Err
		}
	}
}

// isEnd reports whether an error is that of an ended context.
func isEnd(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

func (s *Snapshot[V]) known(key string) (value V, known bool, generation int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	value, known = s.values[key]
	return value, known, s.generation
}

func (s *Snapshot[V]) keep(generation int, key string, value V) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.generation != generation {
		return
	}
	if s.values == nil {
		s.values = map[string]V{}
	}
	s.values[key] = value
}

// Drop forgets everything. It is called before a write and after it: what is read in between may be either.
func (s *Snapshot[V]) Drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.generation++
	s.values = nil
}
