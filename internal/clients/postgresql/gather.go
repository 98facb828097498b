// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/timelimit"
)

const (
	// writeAttempts bounds how often a transaction that lost a race is run again.
	writeAttempts = 10
	// gatherQuiet is how long no other change has to come for a transaction to begin, or half of what the last transaction took where that
	// is longer: Terraform begins one change after the other, and as many as its parallelism allows. gatherAtMost is the longest that the
	// first one waits.
	gatherQuiet  = 25 * time.Millisecond
	gatherAtMost = 500 * time.Millisecond
	// lanes is how many transactions go on at a time where the server is far: the lock lets one after the other write, and the second one's
	// way to the server, and what Terraform does meanwhile with the changes that have ended, take the time that the first one's answers do.
	lanes = 2
	// far is how long the shortest round trip takes to a server that is far. Nearby, more transactions only cost more.
	far = 8 * time.Millisecond
)

// task is a change that goes into a transaction with others.
type task struct {
	// ctx is the caller's.
	ctx context.Context
	// do asks for what the change needs. It may be run several times, each time in another transaction.
	do   func(*part) error
	err  error
	done chan struct{}
}

// queue holds the changes that wait for their turn in a database. They hold no connection until then.
type queue struct {
	mu      sync.Mutex
	waiting []*task
	// isServed is set while a goroutine sees to what waits.
	isServed bool
	// joined is told when one more waits.
	joined chan struct{}
	// took is how long the last transaction took, in nanoseconds.
	took atomic.Int64
	// lanes holds one for each transaction that goes on.
	lanes chan struct{}
}

// write runs a change in a transaction in a database, under the provider's lock, and again when that lost a race. Changes that are asked
// for at the same time share a transaction; one that fails in it is run again alone, and so gets an error that is its own.
func (s *Server) write(ctx context.Context, database string, do func(*part) error) error {
	ctx, cancel := timelimit.Bound(ctx)
	defer cancel()
	t := &task{ctx: ctx, do: do, done: make(chan struct{})}
	s.crowd.enter()
	q := s.queueOf(database)
	if q.join(t) {
		go s.serve(database, q)
	}
	select {
	case <-t.done:
		return t.err
	case <-ctx.Done():
	}
	if q.leave(t) {
		s.crowd.leave()
		return fmt.Errorf("wait for another change in database %s: %w", database, ctx.Err())
	}
	<-t.done // Its transaction ends with the context.
	return t.err
}

func (s *Server) queueOf(database string) *queue {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.queues[database] == nil {
		s.queues[database] = &queue{joined: make(chan struct{}, 1), lanes: make(chan struct{}, lanes)}
	}
	return s.queues[database]
}

// join adds a change; leads is true for one that nobody would see to.
func (q *queue) join(t *task) (leads bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, t)
	leads, q.isServed = !q.isServed, true
	select {
	case q.joined <- struct{}{}:
	default:
	}
	return leads
}

// leave takes a change back that no transaction has begun with, and reports whether that was so.
func (q *queue) leave(t *task) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	before := len(q.waiting)
	q.waiting = slices.DeleteFunc(q.waiting, func(other *task) bool { return other == t })
	return len(q.waiting) < before
}

// take gives those that wait, as many as go together at most. When there is none, nobody sees to the queue from then on.
func (q *queue) take(atMost int) []*task {
	q.mu.Lock()
	defer q.mu.Unlock()
	number := min(len(q.waiting), atMost)
	taken := slices.Clone(q.waiting[:number])
	q.waiting, q.isServed = q.waiting[number:], number > 0
	return taken
}

func (q *queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting)
}

// crowd counts the changes of a server that wait or are under way, in any of its databases.
type crowd struct {
	mu       sync.Mutex
	now, top int
	// isKnown is set once a transaction has begun: from then on no more are expected at once than there were.
	isKnown bool
}

func (c *crowd) enter() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now++
	c.top = max(c.top, c.now)
}

func (c *crowd) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now--
}

// share is how many changes go together where several transactions go on at a time: all that ever were here at once, divided among them.
func (c *crowd) share() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return (c.top + lanes - 1) / lanes
}

// isComplete reports whether as many are here as there ever were at once, so that none is to be waited for.
func (c *crowd) isComplete() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.isKnown && c.now >= c.top
}

func (c *crowd) know() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.isKnown = true
}

// gather waits until as many have come as go together, or all that are expected, or nobody comes any more.
func (q *queue) gather(c *crowd, atMost int) {
	patience := max(gatherQuiet, time.Duration(q.took.Load())/2)
	quiet := time.NewTimer(patience)
	defer quiet.Stop()
	limit := time.NewTimer(gatherAtMost)
	defer limit.Stop()
	for q.length() < atMost && !c.isComplete() {
		select {
		case <-q.joined:
			quiet.Reset(patience)
		case <-quiet.C:
			c.know()
			return
		case <-limit.C:
			return
		}
	}
}

// serve runs transactions until nothing waits: one after the other, or where the server is far, the next while the last goes on.
func (s *Server) serve(database string, q *queue) {
	for {
		q.lanes <- struct{}{}
		isFar, atMost := s.isFar(), math.MaxInt
		if isFar {
			atMost = s.crowd.share()
		}
		if q.length() > 0 {
			q.gather(&s.crowd, atMost)
		}
		tasks := q.take(atMost)
		if len(tasks) == 0 {
			<-q.lanes
			return
		}
		run := func() {
			began := time.Now()
			s.together(database, tasks)
			q.took.Store(int64(time.Since(began)))
			<-q.lanes
		}
		if isFar {
			go run()
		} else {
			run()
		}
	}
}

// isFar reports whether the time that a transaction takes is that of its round trips.
func (s *Server) isFar() bool { return time.Duration(s.shortestRound.Load()) >= far }

// noteRound takes how long a round trip took.
func (s *Server) noteRound(took time.Duration) {
	for {
		shortest := s.shortestRound.Load()
		if shortest > 0 && shortest <= int64(took) || s.shortestRound.CompareAndSwap(shortest, int64(took)) {
			return
		}
	}
}

// together runs changes in one transaction. Those that fail in it are run again, each alone, after the others.
func (s *Server) together(database string, tasks []*task) {
	var alone []*task
	for len(tasks) > 0 {
		var failed []*task
		tasks, failed = s.attempt(database, tasks)
		alone = append(alone, failed...)
	}
	for _, t := range alone {
		s.attempt(database, []*task{t})
	}
}

// settle tells a caller how its change ended.
func (s *Server) settle(t *task, err error) {
	t.err = err
	s.crowd.leave() // Before the caller may come back with another change.
	close(t.done)
}

// attempt runs changes in one transaction and settles those whose end is known. Of the others, some are to be run again together, and some
// alone; a change that was alone is always settled.
func (s *Server) attempt(database string, tasks []*task) (again, alone []*task) {
	ctx, cancel := common(tasks)
	defer cancel()
	var tx *transaction
	s.forget()
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		tx = newTransaction(s, database, tasks)
		err := tx.run(ctx)
		if err != nil && !isTransient(err) {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(&backoff.ExponentialBackOff{
		InitialInterval: 20 * time.Millisecond, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: 2 * time.Second,
	}), backoff.WithMaxTries(writeAttempts))
	s.forget() // Before a caller may look.
	isOurs := len(tasks) == 1 || tx.isUncertain || tx.concernsAll && ctx.Err() == nil
	for _, p := range tx.parts {
		switch {
		case err == nil || p.isHarmless:
			s.settle(p.task, p.err)
		case isOurs || p.task.isOver() || p.isSuspect() && errors.Is(err, ErrLockTimeout):
			s.settle(p.task, err) // Who waited that long does not wait again.
		case p.isSuspect() || tx.isUnexplained() && ctx.Err() == nil:
			alone = append(alone, p.task)
		default:
			again = append(again, p.task)
		}
	}
	return again, alone
}

// common gives a context that ends with the first of the callers' to end: the others are run again without that one.
func common(tasks []*task) (context.Context, context.CancelFunc) {
	if len(tasks) == 1 {
		return context.WithCancel(tasks[0].ctx)
	}
	first := slices.MinFunc(tasks, func(a, b *task) int { return deadlineOf(a.ctx).Compare(deadlineOf(b.ctx)) }).ctx
	ctx, cancel := context.WithDeadline(context.WithoutCancel(first), deadlineOf(first))
	stops := make([]func() bool, len(tasks))
	for i, t := range tasks {
		stops[i] = context.AfterFunc(t.ctx, func() {
			if errors.Is(t.ctx.Err(), context.Canceled) { // Its deadline is seen to above.
				cancel()
			}
		})
	}
	return ctx, func() {
		for _, stop := range stops {
			stop()
		}
		cancel()
	}
}

// isOver reports whether the caller has given up. Its deadline counts by itself: its context may hear of it after the transaction's.
func (t *task) isOver() bool { return t.ctx.Err() != nil || !time.Now().Before(deadlineOf(t.ctx)) }

// deadlineOf gives the deadline of a caller's context: write sees to it that there is one.
func deadlineOf(ctx context.Context) time.Time {
	deadline, _ := ctx.Deadline()
	return deadline
}
