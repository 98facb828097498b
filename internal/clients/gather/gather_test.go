// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package gather_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/gather"
)

func TestThoseWhoComeTogetherShareOneWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		group := gather.Group[int]{Quiet: 25 * time.Millisecond}
		var works [][]int
		isBusy := atomic.Bool{}
		var callers sync.WaitGroup
		ask := func(request int) {
			callers.Go(func() {
				group.Do(t.Context(), "list", request, func(_ context.Context, requests []int) {
					require.True(t, isBusy.CompareAndSwap(false, true), "one work at a time")
					works = append(works, requests)
					<-time.After(time.Second)
					isBusy.Store(false)
				})
			})
			synctest.Wait()
		}
		for request := range 5 {
			ask(request)
			<-time.After(20 * time.Millisecond) // Nobody came for less than 25 ms.
		}
		<-time.After(100 * time.Millisecond) // The work is under way.
		for request := range 5 {
			ask(5 + request)
			<-time.After(100 * time.Millisecond)
		}
		callers.Wait()
		require.Equal(t, [][]int{{0, 1, 2, 3, 4}, {5, 6, 7, 8, 9}}, works)
	})
}

func TestTheFirstOneWaitsForALimitedTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		group := gather.Group[int]{Quiet: time.Second, AtMost: 3 * time.Second}
		began := time.Now()
		var first time.Duration
		var callers sync.WaitGroup
		for request := range 10 {
			callers.Go(func() {
				group.Do(t.Context(), "", request, func(context.Context, []int) {
					if first == 0 {
						first = time.Since(began)
					}
				})
			})
			<-time.After(900 * time.Millisecond)
		}
		callers.Wait()
		require.Equal(t, 3*time.Second, first)
	})
}

// What takes long is worth waiting for, and what takes no time is not.
func TestWaitsForHalfOfWhatTheLastWorkTook(t *testing.T) {
	for took, waits := range map[time.Duration]time.Duration{
		0: 5 * time.Millisecond, time.Microsecond: 2 * time.Millisecond, 20 * time.Millisecond: 10 * time.Millisecond,
		time.Minute: 25 * time.Millisecond,
	} {
		synctest.Test(t, func(t *testing.T) {
			var group gather.Group[int]
			if took > 0 {
				group.Do(t.Context(), "", 0, func(context.Context, []int) { <-time.After(took) })
			}
			began := time.Now()
			group.Do(t.Context(), "", 0, func(context.Context, []int) {})
			require.Equal(t, waits, time.Since(began))
		})
	}
}

func TestKeysDoNotWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var group gather.Group[string]
		both := make(chan struct{})
		var callers sync.WaitGroup
		for _, key := range []string{"one", "other"} {
			callers.Go(func() {
				group.Do(t.Context(), key, key, func(context.Context, []string) {
					select { // Each lets the other one go on.
					case both <- struct{}{}:
					case <-both:
					}
				})
			})
		}
		callers.Wait()
	})
}

func TestWorkEndsWhenNobodyWaitsForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var group gather.Group[int]
		var callers sync.WaitGroup
		ask := func(ctx context.Context, want error) (ended time.Duration) {
			began := time.Now()
			group.Do(ctx, "", 0, func(ctx context.Context, _ []int) {
				<-ctx.Done()
				require.ErrorIs(t, context.Cause(ctx), want)
			})
			return time.Since(began)
		}
		for _, limit := range []time.Duration{time.Second, 3 * time.Second} {
			callers.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				require.Equal(t, 3*time.Second, ask(ctx, context.DeadlineExceeded), "the last one who waits")
			})
		}
		callers.Wait()
		for _, limit := range []time.Duration{time.Second, 3 * time.Second} {
			callers.Go(func() {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(limit, cancel)
				require.Equal(t, 3*time.Second, ask(ctx, context.Canceled), "the last one who waits")
			})
		}
		callers.Wait()

		// Whoever comes then is not served by what ended.
		group.Do(t.Context(), "", 0, func(ctx context.Context, _ []int) { require.NoError(t, ctx.Err()) })
	})
}

// A caller that gives up while it waits for its turn is told of its own end; its work has nobody left.
func TestCallerThatGivesUpWhileOthersWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var readings gather.Readings[string]
		slow := func(context.Context) (string, error) {
			<-time.After(time.Minute)
			return "slow", nil
		}
		var callers sync.WaitGroup
		callers.Go(func() {
			value, err := readings.Get(t.Context(), "", slow)
			require.NoError(t, err)
			require.Equal(t, "slow", value)
		})
		<-time.After(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		_, err := readings.Get(ctx, "", func(ctx context.Context) (string, error) { return "", ctx.Err() })
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(began))
		callers.Wait()
	})
}

// No reading is older than the question: whoever asks while one is under way gets the next.
func TestReadingsBeginAfterTheQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var readings gather.Readings[int]
		is, count := atomic.Int64{}, atomic.Int64{}
		read := func(ctx context.Context) (int, error) {
			count.Add(1)
			seen := int(is.Load())
			<-time.After(time.Second)
			return seen, ctx.Err()
		}
		var callers sync.WaitGroup
		ask := func(at int) {
			callers.Go(func() {
				seen, err := readings.Get(t.Context(), "", read)
				require.NoError(t, err)
				require.GreaterOrEqual(t, seen, at)
			})
		}
		for at := range 30 {
			is.Store(int64(at))
			ask(at)
			<-time.After(100 * time.Millisecond)
		}
		callers.Wait()
		require.LessOrEqual(t, count.Load(), int64(5), "a reading a second, and one more")

		broken := errors.New("broken")
		_, err := readings.Get(t.Context(), "", func(context.Context) (int, error) { return 0, broken })
		require.ErrorIs(t, err, broken)
		_, err = readings.Get(t.Context(), "", read)
		require.NoError(t, err, "a failure is not kept")
	})
}
