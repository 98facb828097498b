// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

const (
	getOrganization    = "GET /api/v1/organizations/org_1"
	putOrganization    = "PUT /api/v1/organizations/org_1"
	deleteOrganization = "DELETE /api/v1/organizations/org_1"
)

func TestWhichFailuresAreRepeated(t *testing.T) {
	ctx := t.Context()
	calls := map[string]struct {
		call   string
		make   func(*terrascale.Client) error
		repeat bool
	}{
		"GET": {getOrganization, func(c *terrascale.Client) error { _, err := c.GetOrganization(ctx, "org_1"); return err }, true},
		"PUT": {putOrganization, func(c *terrascale.Client) error {
			_, err := c.UpdateOrganization(ctx, "org_1", terrascale.OrganizationUpdate{})
			return err
		}, true},
		"DELETE": {deleteOrganization, func(c *terrascale.Client) error { return c.DeleteOrganization(ctx, "org_1") }, true},
		"POST": {createKey, func(c *terrascale.Client) error {
			_, err := c.CreateAPIKeyOnce(ctx, terrascale.NewAPIKey{})
			return err
		}, false},
	}
	const attempts = 4
	for method, call := range calls {
		for _, status := range []int{400, 401, 403, 404, 409, 412, 418, 429, 500, 501, 502, 503, 504, 0} {
			t.Run(fmt.Sprintf("%s %d", method, status), func(t *testing.T) {
				answer := http.HandlerFunc(hangUp)
				if status != 0 {
					answer = problem(status, "Title", "the server's words")
				}
				s := serve(t, map[string]http.HandlerFunc{call.call: answer})
				client, waits := newClient(t, s, terrascale.Config{MaxRetries: attempts - 1})
				err := call.make(client)
				require.Error(t, err)

				want := 1
				switch status {
				case 429: // It is no failure: see TestARateLimitIsWaitedOut.
					require.Greater(t, len(s.calls(call.call)), 2*attempts)
					return
				case 0, 500, 502, 503, 504:
					if call.repeat {
						want = attempts
					}
				}
				require.Len(t, s.calls(call.call), want)
				require.Len(t, *waits, want-1)
				lost := !call.repeat && (status == 0 || status >= 500)
				require.Equal(t, lost, errors.Is(err, terrascale.ErrAnswerLost), err)
				if status != 0 {
					require.ErrorContains(t, err, "the server's words")
				}
			})
		}
	}
}

func TestWaitsGrowWithJitterUpToTheCap(t *testing.T) {
	s := serve(t, map[string]http.HandlerFunc{listKeys: problem(503, "Service Unavailable", "busy")})
	client, waits := newClient(t, s, terrascale.Config{MaxRetries: 8})
	_, err := client.ListAPIKeys(t.Context())
	require.Error(t, err)
	full := []time.Duration{500, 1000, 2000, 4000, 8000, 10000, 10000, 10000}
	require.Len(t, *waits, len(full))
	for i, wait := range *waits {
		require.GreaterOrEqual(t, wait, full[i]*time.Millisecond/2, i)
		require.LessOrEqual(t, wait, full[i]*time.Millisecond, i)
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	clock := newClock()
	limited := func(header string, body object) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Date"] = nil
			if header != "" {
				w.Header().Set("Retry-After", header)
			}
			write(w, 429, "application/json", body)
		}
	}
	title := object{"title": "Too Many Requests", "status": 429}
	for name, row := range map[string]struct {
		answer   http.HandlerFunc
		want     time.Duration
		atLeast  time.Duration
		requests int
	}{
		"seconds":            {limited("7", title), 7 * time.Second, 0, 2},
		"a date":             {limited(clock.Now().Add(9*time.Second).Format(http.TimeFormat), title), 9 * time.Second, 0, 2},
		"the body's":         {limited("", object{"title": "Too Many Requests", "status": 429, "retryAfter": 3}), 3 * time.Second, 0, 2},
		"a date in the past": {limited(clock.Now().Add(-time.Hour).Format(http.TimeFormat), title), 0, 250 * time.Millisecond, 2},
		"nonsense":           {limited("soon", title), 0, 250 * time.Millisecond, 2},
		"negative":           {limited("-5", title), 0, 250 * time.Millisecond, 2},
		"too long to wait":   {limited("3600", title), 0, 0, 1},
		"absurdly long":      {limited("1e300", title), 0, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, map[string]http.HandlerFunc{listKeys: inTurn(row.answer, noKeys)})
			client, waits := newClient(t, s, terrascale.Config{MaxRetries: 1, Clock: clock.Now})
			_, err := client.ListAPIKeys(t.Context())
			require.Len(t, s.calls(listKeys), row.requests)
			if row.requests == 1 {
				require.ErrorIs(t, err, terrascale.ErrRateLimited)
				apiErr := requireAPIError(t, err)
				require.GreaterOrEqual(t, apiErr.RetryAfter, time.Hour)
				return
			}
			require.NoError(t, err)
			if row.want > 0 {
				require.Equal(t, []time.Duration{row.want}, *waits)
			} else {
				require.GreaterOrEqual(t, (*waits)[0], row.atLeast)
			}
		})
	}
}

// An answer 429 does not count against max_retries. It is waited out, for five minutes a call at the most.
func TestARateLimitIsWaitedOut(t *testing.T) {
	limited := func(after string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", after)
			problem(429, "Too Many Requests", "wait")(w, r)
		}
	}
	busy := problem(503, "Service Unavailable", "busy")
	t.Run("longer than the retries", func(t *testing.T) {
		s := serve(t, map[string]http.HandlerFunc{listKeys: inTurn(limited("2"), limited("2"), limited("2"), limited("2"), limited("2"), noKeys)})
		client, waits := newClient(t, s, terrascale.Config{})
		_, err := client.ListAPIKeys(t.Context())
		require.NoError(t, err)
		require.Len(t, *waits, 5)
	})
	t.Run("failures between count", func(t *testing.T) {
		s := serve(t, map[string]http.HandlerFunc{listKeys: inTurn(limited("2"), busy, limited("2"), busy, noKeys)})
		client, _ := newClient(t, s, terrascale.Config{MaxRetries: 1})
		_, err := client.ListAPIKeys(t.Context())
		require.ErrorContains(t, err, "HTTP 503")
		require.Len(t, s.calls(listKeys), 4)
	})
	t.Run("for five minutes", func(t *testing.T) {
		s := serve(t, map[string]http.HandlerFunc{listKeys: limited("40")})
		client, waits := newClient(t, s, terrascale.Config{MaxRetries: 1})
		_, err := client.ListAPIKeys(t.Context())
		require.ErrorIs(t, err, terrascale.ErrRateLimited)
		require.Len(t, *waits, 7)
	})
	t.Run("without a word on how long", func(t *testing.T) {
		s := serve(t, map[string]http.HandlerFunc{listKeys: problem(429, "Too Many Requests", "wait")})
		client, waits := newClient(t, s, terrascale.Config{MaxRetries: 1})
		_, err := client.ListAPIKeys(t.Context())
		require.ErrorIs(t, err, terrascale.ErrRateLimited)
		var total time.Duration
		for _, wait := range *waits {
			total += wait
		}
		require.LessOrEqual(t, total, 5*time.Minute)
		require.Greater(t, total, 4*time.Minute)
	})
}

func TestRetryAfterDateCountsFromTheServersClock(t *testing.T) {
	clock := newClock()
	server := clock.Now().Add(5 * time.Hour)
	s := serve(t, map[string]http.HandlerFunc{listKeys: inTurn(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", server.Format(http.TimeFormat))
		w.Header().Set("Retry-After", server.Add(4*time.Second).Format(http.TimeFormat))
		w.WriteHeader(http.StatusServiceUnavailable)
	}, noKeys)})
	client, waits := newClient(t, s, terrascale.Config{MaxRetries: 1, Clock: clock.Now})
	_, err := client.ListAPIKeys(t.Context())
	require.NoError(t, err)
	require.Equal(t, []time.Duration{4 * time.Second}, *waits)
}

func TestCancelEndsAWaitAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, map[string]http.HandlerFunc{listKeys: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "60")
		problem(429, "Too Many Requests", "wait")(w, r)
	}})
	config := withPassword()
	config.Endpoint, config.MaxRetries = s.URL, 5
	s.handlers[login] = loggedIn("jwt-1", "rt_1")
	client, err := terrascale.New(config)
	require.NoError(t, err)
	done := make(chan error)
	go func() {
		_, err := client.ListAPIKeys(ctx)
		done <- err
	}()
	require.Eventually(t, func() bool { return len(s.calls(listKeys)) == 1 }, 10*time.Second, time.Millisecond)
	cancel()
	select {
	case err := <-done:
		require.ErrorIs(t, err, context.Canceled)
	case <-time.After(20 * time.Second):
		t.Fatal("the wait goes on")
	}
}

func TestLostAnswerOfACreateIsNotRepeated(t *testing.T) {
	truncated := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "500")
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(`{"keyId":"key_1","apiKey":"ts_live_secret`))
	}
	for name, answer := range map[string]http.HandlerFunc{
		"broken connection": hangUp,
		"truncated body":    truncated,
		"bad gateway":       problem(502, "Bad Gateway", "lost"),
		"no JSON":           func(w http.ResponseWriter, _ *http.Request) { write(w, 201, "text/html", "ts_live_secret") },
		"no secret":         reply(201, object{"keyId": "key_1", "name": "n", "scopes": []string{}, "createdAt": "2026-01-15T10:00:00Z"}),
		"bad time":          reply(201, object{"keyId": "key_1", "apiKey": "ts_live_secret", "createdAt": "ts_live_secret"}),
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, map[string]http.HandlerFunc{createKey: answer})
			client, _ := newClient(t, s, terrascale.Config{MaxRetries: 4})
			_, err := client.CreateAPIKeyOnce(t.Context(), terrascale.NewAPIKey{Name: "n", Scopes: []string{"*"}})
			require.ErrorIs(t, err, terrascale.ErrAnswerLost)
			require.NotContains(t, err.Error(), "ts_live_secret")
			require.Len(t, s.calls(createKey), 1)
		})
	}
}

func TestCreateThatWasNeverSentIsNotLost(t *testing.T) {
	s := serve(t, nil)
	client, _ := newClient(t, s, terrascale.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := client.CreateAPIKeyOnce(ctx, terrascale.NewAPIKey{Name: "n", Scopes: []string{"*"}})
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, terrascale.ErrAnswerLost)
}

func TestCancelledCreateIsLost(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, map[string]http.HandlerFunc{createKey: func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}})
	client, _ := newClient(t, s, terrascale.Config{})
	_, err := client.CreateAPIKeyOnce(ctx, terrascale.NewAPIKey{Name: "n", Scopes: []string{"*"}})
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, terrascale.ErrAnswerLost)
}

func TestDeleteWhoseRetryFindsNothingIsDone(t *testing.T) {
	gone := problem(404, "Not Found", "absent")
	for name, row := range map[string]struct {
		answers []http.HandlerFunc
		done    bool
	}{
		"after a broken connection": {[]http.HandlerFunc{hangUp, gone}, true},
		"after a bad gateway":       {[]http.HandlerFunc{problem(502, "Bad Gateway", ""), gone}, true},
		"after a refused attempt":   {[]http.HandlerFunc{problem(429, "Too Many Requests", ""), gone}, false},
		"at once":                   {[]http.HandlerFunc{gone}, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, map[string]http.HandlerFunc{"DELETE /api/v1/management/apikeys/key_1": inTurn(row.answers...)})
			client, _ := newClient(t, s, terrascale.Config{MaxRetries: 2})
			err := client.RevokeAPIKey(t.Context(), "key_1")
			if row.done {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, terrascale.ErrNotFound)
			}
		})
	}
}

func TestSlowAttemptTimesOutAndIsRepeated(t *testing.T) {
	var attempts atomic.Int32
	s := serve(t, map[string]http.HandlerFunc{listKeys: func(w http.ResponseWriter, r *http.Request) {
		if attempts.Add(1) > 1 {
			noKeys(w, r)
			return
		}
		// The header comes in time, the body never ends.
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}})
	client, _ := newClient(t, s, terrascale.Config{MaxRetries: 1, RequestTimeout: 500 * time.Millisecond})
	_, err := client.ListAPIKeys(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 2, attempts.Load())

	attempts.Store(0)
	client, _ = newClient(t, s, terrascale.Config{RequestTimeout: 500 * time.Millisecond})
	_, err = client.ListAPIKeys(t.Context())
	require.ErrorIs(t, err, terrascale.ErrTimeout)
	require.ErrorContains(t, err, "500ms")
}

func TestAnswerThatIsThereSurvivesTheEndOfItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, map[string]http.HandlerFunc{createKey: reply(201, object{
		"keyId": "key_1", "apiKey": "ts_live_x", "name": "n", "scopes": []string{"*"}, "createdAt": "2026-01-15T10:00:00Z",
	})})
	client, _ := newClient(t, s, terrascale.Config{
		Log: func(context.Context, string, ...map[string]any) { cancel() },
	})
	created, err := client.CreateAPIKeyOnce(ctx, terrascale.NewAPIKey{Name: "n", Scopes: []string{"*"}})
	require.NoError(t, err)
	require.Error(t, ctx.Err())
	require.Equal(t, "key_1", created.ID)
}
