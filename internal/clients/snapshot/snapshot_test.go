// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package snapshot_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/snapshot"
)

func TestManyReadersLoadOnce(t *testing.T) {
	var s snapshot.Snapshot[int]
	var loads atomic.Int32
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			value, err := s.Get(t.Context(), "a", func(context.Context) (int, error) { return int(loads.Add(1)), nil })
			require.NoError(t, err)
			require.Equal(t, 1, value)
		})
	}
	group.Wait()
	require.EqualValues(t, 1, loads.Load())

	s.Drop()
	value, err := s.Get(t.Context(), "a", func(context.Context) (int, error) { return int(loads.Add(1)), nil })
	require.NoError(t, err)
	require.Equal(t, 2, value)
	other, err := s.Get(t.Context(), "b", func(context.Context) (int, error) { return 7, nil })
	require.NoError(t, err)
	require.Equal(t, 7, other)
}

func TestAFailureIsToldInFullOnce(t *testing.T) {
	var s snapshot.Snapshot[int]
	failure := errors.New("down\nand more")
	var loads, inFull atomic.Int32
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			_, err := s.Get(t.Context(), "a", func(context.Context) (int, error) { loads.Add(1); return 0, failure })
			require.ErrorIs(t, err, failure)
			var shared *snapshot.SharedError
			require.ErrorAs(t, err, &shared)
			require.Equal(t, failure.Error(), err.Error())
			if shared.Tell() {
				inFull.Add(1)
			}
		})
	}
	group.Wait()
	require.EqualValues(t, 1, loads.Load())
	require.EqualValues(t, 1, inFull.Load())

	s.Drop()
	value, err := s.Get(t.Context(), "a", func(context.Context) (int, error) { return 3, nil })
	require.NoError(t, err)
	require.Equal(t, 3, value)
}

// What began to load before a write is not what a read after the write gets.
func TestDropKeepsOldValuesFromNewReaders(t *testing.T) {
	var s snapshot.Snapshot[string]
	loading, release := make(chan struct{}), make(chan struct{})
	before := make(chan string)
	go func() {
		value, _ := s.Get(t.Context(), "a", func(context.Context) (string, error) {
			close(loading)
			<-release
			return "before", nil
		})
		before <- value
	}()
	<-loading
	s.Drop()
	fresh := func(context.Context) (string, error) { return "after", nil }
	value, err := s.Get(t.Context(), "a", fresh)
	require.NoError(t, err)
	require.Equal(t, "after", value)
	close(release)
	require.Equal(t, "before", <-before)
	value, err = s.Get(t.Context(), "a", fresh)
	require.NoError(t, err)
	require.Equal(t, "after", value)
}

func TestOneWhoGivesUpDoesNotEndTheOthers(t *testing.T) {
	var s snapshot.Snapshot[int]
	first, cancel := context.WithCancel(t.Context())
	loading := make(chan struct{})
	go func() {
		_, _ = s.Get(first, "a", func(ctx context.Context) (int, error) {
			close(loading)
			<-ctx.Done()
			return 0, ctx.Err()
		})
	}()
	<-loading
	done := make(chan int)
	go func() {
		value, _ := s.Get(t.Context(), "a", func(context.Context) (int, error) { return 5, nil })
		done <- value
	}()
	cancel()
	require.Equal(t, 5, <-done)

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	s.Drop()
	_, err := s.Get(ended, "a", func(ctx context.Context) (int, error) { return 0, ctx.Err() })
	require.ErrorIs(t, err, context.Canceled)
}

func TestChangeKeepsWhatIsKnownAndDropsWhatIsOnItsWay(t *testing.T) {
	var s snapshot.Snapshot[[]int]
	load := func(values ...int) func(context.Context) ([]int, error) {
		return func(context.Context) ([]int, error) { return values, nil }
	}
	add := func(values []int) []int { return append(values[:len(values):len(values)], 9) }
	get := func(key string, values ...int) []int {
		found, err := s.Get(t.Context(), key, load(values...))
		require.NoError(t, err)
		return found
	}
	s.Change("a", add) // There is nothing to change.
	first := get("a", 1)
	get("b", 2)
	s.Change("a", add)
	require.Equal(t, []int{1, 9}, get("a", 0))
	require.Equal(t, []int{1}, first, "who has the value keeps it")
	require.Equal(t, []int{3}, get("b", 3), "others are read anew")

	// What began to be read before the change may have missed it.
	s.Drop()
	found, err := s.Get(t.Context(), "a", func(context.Context) ([]int, error) {
		s.Change("a", add)
		return []int{4}, nil
	})
	require.NoError(t, err)
	require.Equal(t, []int{4}, found)
	require.Equal(t, []int{5}, get("a", 5))
}
