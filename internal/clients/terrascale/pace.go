// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// longestWindow bounds what the service's words on its limit are believed.
const longestWindow = longestRetryAfter

// pacer holds requests back while the service would refuse them: it learns from X-RateLimit-Remaining and
// X-RateLimit-Reset how many are left until when, and from an answer 429 that none is.
type pacer struct {
	// wait gets how long a window lasts, and returns how long to wait; tests replace it.
	wait func(time.Duration) time.Duration

	mu sync.Mutex
	// left is how many requests may be sent in the window; end is closed when it is over, and nil where none is known.
	left int
	end  chan struct{}
	// flying counts the requests that are under way: what the service says is left may not have counted them yet.
	flying int
}

// enter waits until a request may be sent.
func (p *pacer) enter(ctx context.Context) error {
	for {
		p.mu.Lock()
		if p.end == nil || p.left > 0 {
			p.left--
			p.flying++
			p.mu.Unlock()
			return nil
		}
		end := p.end
		p.mu.Unlock()
		select {
		case <-end:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// leave ends what enter began.
func (p *pacer) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flying--
}

// learn takes what an answer says of the limit. A service that says nothing is not paced.
func (p *pacer) learn(header http.Header, refused bool, asked time.Duration, now time.Time) {
	left, err := strconv.Atoi(header.Get("X-RateLimit-Remaining"))
	window := untilReset(header, now)
	if refused {
		left, err, window = 0, nil, max(window, asked)
	}
	if err != nil || window <= 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	left -= p.flying - 1
	if p.end != nil {
		p.left = min(p.left, left)
		return
	}
	end := make(chan struct{})
	p.left, p.end = left, end
	time.AfterFunc(p.wait(min(window, longestWindow)), func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.end = nil
		close(end)
	})
}

// untilReset reads X-RateLimit-Reset (Unix time) by the service's own clock where it tells it. It is 0 where it says nothing
// that is understood.
func untilReset(header http.Header, now time.Time) time.Duration {
	reset, err := strconv.ParseInt(header.Get("X-RateLimit-Reset"), 10, 64)
	if err != nil || reset <= 0 || reset > math.MaxInt32*8 {
		return 0
	}
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		now = date
	}
	return max(0, time.Unix(reset, 0).Sub(now))
}

// pacedTransport sends requests at the pace that the service allows.
type pacedTransport struct {
	next  http.RoundTripper
	pacer *pacer
	clock func() time.Time
}

// RoundTrip implements http.RoundTripper.
func (t *pacedTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	if err := t.pacer.enter(request.Context()); err != nil {
		return nil, err
	}
	defer t.pacer.leave()
	response, err := t.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	refused := response.StatusCode == http.StatusTooManyRequests
	var asked time.Duration
	if body, err := readAnswer(response); refused && err == nil {
		asked = retryAfter(response, body, t.clock())
	}
	t.pacer.learn(response.Header, refused, asked, t.clock())
	return response, nil
}
