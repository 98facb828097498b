// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"cmp"
	"math"
	"net/http"
	"strconv"
	"sync"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator/store"
)

// limiter counts requests by whole seconds of the clock.
type limiter struct {
	limits RateLimits

	mutex  sync.Mutex
	second int64
	counts map[string]int
}

// take counts one request and says how many are left; below zero it is one too many.
func (l *limiter) take(who string, limit int, second int64) (left int) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.counts == nil || l.second != second {
		l.second, l.counts = second, map[string]int{}
	}
	l.counts[who]++
	return limit - l.counts[who]
}

func (l *limiter) limitOf(plan string) int {
	var limit int
	switch plan {
	case store.Free:
		limit = cmp.Or(l.limits.Free, 100)
	case store.Pro:
		limit = cmp.Or(l.limits.Pro, 1_000)
	case store.Enterprise:
		limit = cmp.Or(l.limits.Enterprise, 10_000)
	default:
		limit = cmp.Or(l.limits.Anonymous, 1_000)
	}
	if limit < 0 {
		return math.MaxInt32
	}
	return limit
}

func (c *call) limitAnonymous() error { return c.limit("address "+c.caller.String(), "") }

// limit counts a call and writes the headers that every answer has.
func (c *call) limit(who, plan string) error {
	second := c.server.options.Clock().Unix()
	limit := c.server.limiter.limitOf(plan)
	left := c.server.limiter.take(who, limit, second)
	header := c.writer.Header()
	header.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	header.Set("X-RateLimit-Remaining", strconv.Itoa(max(left, 0)))
	header.Set("X-RateLimit-Reset", strconv.FormatInt(second+1, 10))
	if left >= 0 {
		return nil
	}
	return &problem{
		status: http.StatusTooManyRequests, detail: "Rate limit exceeded. Retry after 1 second.", retryAfter: 1,
	}
}
