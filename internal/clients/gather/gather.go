// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package gather has those who ask for the same kind of thing at the same time share one piece of work. Terraform changes one resource at a
// time, and many side by side: without it, a thousand changes would write, or look through, one list a thousand times.
package gather

import (
	"cmp"
	"context"
	"sync"
	"time"
)

// Where a Group does not say otherwise, it waits for half of what the last work took: what costs little is not worth waiting for.
const (
	firstQuiet    = 5 * time.Millisecond
	leastQuiet    = 2 * time.Millisecond
	mostQuiet     = 25 * time.Millisecond
	defaultAtMost = 250 * time.Millisecond
)

// Group gathers requests by key. Work for one key runs one after the other: whoever asks while some is under way is served by the next.
// It is safe for concurrent use.
type Group[T any] struct {
	// Quiet is how long nobody else has to come for the work to begin, and AtMost the longest that the first one waits. 0 is for half of what the last work
	// took, within 2 and 25 ms, and for 250 ms.
	Quiet, AtMost time.Duration

	mu        sync.Mutex
	took      time.Duration
	gathering map[string]*batch[T]
	working   map[string]chan struct{}
}

// batch is what one piece of work is for. Its context ends when nobody waits for it any more.
type batch[T any] struct {
	ctx      context.Context
	cancel   context.CancelCauseFunc
	requests []T
	waiting  int
	// deadline is the last one of those who wait; isEndless is set when somebody has none.
	deadline  time.Time
	isEndless bool
	// joined is told when somebody joins.
	joined chan struct{}
	done   chan struct{}
}

// Do adds a request to the next work for a key, and waits until that has ended, also when the caller's context ends before: what came of
// it is known then. The work's context ends when those of all who wait for it have, and has the last of their deadlines; it begins after
// each of them asked.
func (g *Group[T]) Do(ctx context.Context, key string, request T, work func(context.Context, []T)) {
	b, leads := g.join(ctx, key, request)
	stop := context.AfterFunc(ctx, func() { g.leave(b, context.Cause(ctx)) })
	defer stop()
	if leads {
		go g.lead(key, b, work)
	}
	<-b.done
}

// join adds a request to the batch of a key; leads is true for the one that began it.
func (g *Group[T]) join(ctx context.Context, key string, request T) (b *batch[T], leads bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	b = g.gathering[key]
	if b == nil || b.ctx.Err() != nil {
		b, leads = &batch[T]{joined: make(chan struct{}, 1), done: make(chan struct{})}, true
		b.ctx, b.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
		if g.gathering == nil {
			g.gathering, g.working = map[string]*batch[T]{}, map[string]chan struct{}{}
		}
		g.gathering[key] = b
		if g.working[key] == nil {
			g.working[key] = make(chan struct{}, 1)
		}
	}
	b.requests = append(b.requests, request)
	b.waiting++
	if deadline, ok := ctx.Deadline(); !ok {
		b.isEndless = true
	} else if deadline.After(b.deadline) {
		b.deadline = deadline
	}
	select {
	case b.joined <- struct{}{}:
	default:
	}
	return b, leads
}

// leave ends a batch that nobody waits for, for what ended the last one's waiting.
func (g *Group[T]) leave(b *batch[T], cause error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if b.waiting--; b.waiting == 0 {
		b.cancel(cause)
	}
}

// lead gathers a batch, waits for its turn, and works.
func (g *Group[T]) lead(key string, b *batch[T], work func(context.Context, []T)) {
	defer close(b.done)
	defer b.cancel(nil)
	b.wait(cmp.Or(g.Quiet, g.quiet()), cmp.Or(g.AtMost, defaultAtMost))
	turn := g.turn(key)
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-b.ctx.Done():
	}
	requests := g.take(key, b)
	ctx := b.ctx
	if !b.isEndless {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, b.deadline)
		defer cancel()
	}
	began := time.Now()
	work(ctx, requests)
	g.note(time.Since(began))
}

// quiet gives how long to wait where nothing is configured.
func (g *Group[T]) quiet() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.took == 0 {
		return firstQuiet
	}
	return min(max(g.took/2, leastQuiet), mostQuiet)
}

func (g *Group[T]) note(took time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.took = took
}

// turn gives the turn to work for a key.
func (g *Group[T]) turn(key string) chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.working[key]
}

// take closes a batch and gives its requests.
func (g *Group[T]) take(key string, b *batch[T]) []T {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.gathering[key] == b {
		delete(g.gathering, key)
	}
	return b.requests
}

// wait waits until nobody joins any more.
func (b *batch[T]) wait(quietFor, longest time.Duration) {
	quiet := time.NewTimer(quietFor)
	defer quiet.Stop()
	atMost := time.NewTimer(longest)
	defer atMost.Stop()
	for {
		select {
		case <-b.joined:
			quiet.Reset(quietFor)
		case <-quiet.C:
			return
		case <-atMost.C:
			return
		case <-b.ctx.Done():
			return
		}
	}
}
