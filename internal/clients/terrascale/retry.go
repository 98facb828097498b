// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale/api"
)

const (
	retryBase = 500 * time.Millisecond
	retryCap  = 10 * time.Second
	// longestRetryAfter is the longest wait after a failure that is sat out because the service asks for it.
	longestRetryAfter = 2 * time.Minute
)

// RateLimitPatience is how long one call waits in all while the service limits the rate. Beyond it, the error tells the user when to come
// back.
const RateLimitPatience = 5 * time.Minute

func (c *Client) newRetryingClient(client *http.Client) *retryablehttp.Client {
	return &retryablehttp.Client{
		HTTPClient:   client,
		RetryMax:     math.MaxInt32, // shouldRetry counts: an answer 429 is no failure.
		RetryWaitMin: retryBase,
		RetryWaitMax: retryCap,
		CheckRetry:   c.shouldRetry,
		Backoff: func(base, limit time.Duration, attempt int, response *http.Response) time.Duration {
			wait := c.backoff(base, limit, attempt, response)
			if isRateLimited(response) {
				operationOf(response.Request.Context()).limited += wait
			}
			return c.pause(wait)
		},
		// The last answer or error as it is: operation turns it into the error that callers see.
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
}

// shouldRetry implements retryablehttp.CheckRetry. The end of the context ends the retries, but takes nothing away
// from an answer that is there: it may hold a new key.
func (c *Client) shouldRetry(ctx context.Context, response *http.Response, err error) (bool, error) {
	op := operationOf(ctx)
	if err == nil && !c.isRetryable(op, response) {
		return false, nil
	}
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil && (op.repetition != repeatAny || errors.Is(err, ErrTLS) || errors.Is(err, ErrAnswerTooLarge)) {
		return false, nil
	}
	if isRateLimited(response) {
		return true, nil
	}
	op.failures++
	return op.failures <= c.config.MaxRetries, nil
}

func isRateLimited(response *http.Response) bool {
	return response != nil && response.StatusCode == http.StatusTooManyRequests
}

func (c *Client) isRetryable(op *operation, response *http.Response) bool {
	switch response.StatusCode {
	case http.StatusTooManyRequests:
		// Without a word on how long, the next wait is retryCap at the most.
		return op.limited+max(c.askedWait(response), retryCap) <= RateLimitPatience
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		if op.repetition != repeatAny {
			return false
		}
	default:
		return false
	}
	return c.askedWait(response) <= longestRetryAfter
}

// backoff is what the service asks for, or exponential with jitter: between half of it and all of it.
func (c *Client) backoff(base, limit time.Duration, attempt int, response *http.Response) time.Duration {
	if asked := c.askedWait(response); asked > 0 {
		return asked
	}
	wait := limit
	// Shifted further, base would pass any limit, and in the end overflow.
	if attempt < 16 {
		wait = min(base<<attempt, limit)
	}
	return wait/2 + rand.N(wait/2+1) //nolint:gosec // jitter is no secret
}

func (c *Client) askedWait(response *http.Response) time.Duration {
	if response == nil {
		return 0
	}
	body, err := readAnswer(response)
	if err != nil {
		return 0
	}
	return retryAfter(response, body, c.config.Clock())
}

// retryAfter reads Retry-After, seconds or an HTTP date, or else the body's retryAfter. It returns 0 when neither
// says anything that is understood, or the date has passed.
func retryAfter(response *http.Response, body []byte, now time.Time) time.Duration {
	header := response.Header.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(header, 64); err == nil {
		return waitSeconds(seconds)
	}
	if at, err := http.ParseTime(header); err == nil {
		// The answer's own Date keeps a wrong clock on either side out of the difference.
		if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
			now = date
		}
		return max(0, at.Sub(now))
	}
	var problem api.Problem
	if isJSON(response.Header) && json.Unmarshal(body, &problem) == nil && problem.RetryAfter != nil {
		return waitSeconds(float64(*problem.RetryAfter))
	}
	return 0
}

func waitSeconds(seconds float64) time.Duration {
	if math.IsNaN(seconds) || seconds <= 0 {
		return 0
	}
	const year = 365 * 24 * 60 * 60
	return time.Duration(min(seconds, year) * float64(time.Second))
}
