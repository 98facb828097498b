// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/hashicorp/go-cleanhttp"
	"github.com/hashicorp/go-retryablehttp"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/gather"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/snapshot"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale/api"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// Client calls the management API. It is safe for concurrent use; its callers share one login.
type Client struct {
	config  Config
	retries *retryablehttp.Client
	// public sends calls as they are, authorized adds the access token.
	public, authorized *api.Client

	// gate admits one goroutine at a time to session and refused. Unlike a mutex, waiting for it ends with a context.
	gate    chan struct{}
	session session
	refused error

	// keys and members (by organization) are shared by all who refresh something.
	keys    *snapshot.Snapshot[[]APIKey]
	members *snapshot.Snapshot[[]Member]
	// known tells what makes keys which there are.
	known *knownKeys
	// allowlists (by organization) are shared, too; changes gathers the changes of parts of them.
	allowlists *snapshot.Snapshot[IPAllowlist]
	changes    *gather.Group[*pendingChange]
	// looks looks whether the service lists what it says is not there.
	looks *looks

	// creating holds a gate for each name of a key that is being made, and one for organizations.
	creating *sync.Map

	// pause gets each wait before a retry and returns how long to wait, window the same for the time that the service's
	// limit holds requests back; tests replace them.
	pause, window func(time.Duration) time.Duration

	closeIdle func()
}

// idleConnections is how many connections are kept for the next calls: one for each that Terraform makes at a time, whatever its parallelism.
const idleConnections = 100

// New checks the configuration and returns a client. It makes no network call: the login happens at the first
// call that needs it. Every error is ErrInvalidConfig.
func New(config Config) (*Client, error) {
	config, err := config.normalized()
	if err != nil {
		return nil, err
	}
	c := &Client{
		config:     config,
		gate:       make(chan struct{}, 1),
		keys:       &snapshot.Snapshot[[]APIKey]{Keeps: isOutage},
		members:    &snapshot.Snapshot[[]Member]{Keeps: isOutage},
		known:      &knownKeys{earlier: snapshot.Snapshot[earlierKeys]{Keeps: isOutage}},
		allowlists: &snapshot.Snapshot[IPAllowlist]{Keeps: isOutage},
		changes:    &gather.Group[*pendingChange]{Quiet: gatherQuiet, AtMost: gatherAtMost},
		looks:      newLooks(),
		creating:   &sync.Map{},
		pause:      func(d time.Duration) time.Duration { return d },
		window:     func(d time.Duration) time.Duration { return d },
	}
	transport := cleanhttp.DefaultPooledTransport()
	transport.MaxIdleConnsPerHost = idleConnections
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: config.RootCAs}
	c.closeIdle = transport.CloseIdleConnections
	attempts := &attemptTransport{next: transport, timeout: config.RequestTimeout, log: config.Log}
	pace := &pacer{wait: func(d time.Duration) time.Duration { return c.window(d) }}
	c.retries = c.newRetryingClient(&http.Client{
		Transport: &pacedTransport{next: attempts, pacer: pace, clock: config.Clock},
		// A redirect is reported, never followed: it would carry the token to wherever the answer says.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	})
	if c.public, err = api.NewClient(config.Endpoint, api.WithHTTPClient(doer(c.send))); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidConfig, err)
	}
	if c.authorized, err = api.NewClient(config.Endpoint, api.WithHTTPClient(doer(c.sendAuthorized))); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidConfig, err)
	}
	return c, nil
}

// Close closes the connections that no call uses, and those of calls under way once they have ended. A later call opens a new one.
func (c *Client) Close() { c.closeIdle() }

// Endpoint returns the base URL that the client calls.
func (c *Client) Endpoint() string { return c.config.Endpoint }

// Format implements fmt.Formatter: whatever the verb, only the endpoint is shown, for the session holds tokens.
func (c *Client) Format(state fmt.State, _ rune) {
	if c == nil {
		_, _ = io.WriteString(state, "terrascale.Client(nil)")
		return
	}
	_, _ = fmt.Fprintf(state, "terrascale.Client(%s)", c.config.Endpoint)
}

// doer lets a function be the generated client's HTTP client.
type doer func(*http.Request) (*http.Response, error)

// Do implements api.HttpRequestDoer.
func (d doer) Do(request *http.Request) (*http.Response, error) { return d(request) }

// send adds what every request carries and makes as many attempts as the operation allows.
func (c *Client) send(request *http.Request) (*http.Response, error) {
	request.Header.Set("Accept", "application/json, application/problem+json")
	if c.config.UserAgent != "" {
		request.Header.Set("User-Agent", c.config.UserAgent)
	}
	retryable, err := retryablehttp.FromRequest(request)
	if err != nil {
		return nil, fmt.Errorf("preparing the request: %w", err)
	}
	return c.retries.Do(retryable)
}

// mostRenewals bounds how often one call is sent again with a newer token: it ends sooner, unless each token grew old while the
// call waited its turn.
const mostRenewals = 20

// sendAuthorized sends the request with the access token, and once more with a new one when the service refuses the first. A
// refused call was not carried out, so that any call may be sent again. A new token that has grown old while the call waited
// its turn counts as the first.
func (c *Client) sendAuthorized(request *http.Request) (*http.Response, error) {
	ctx := request.Context()
	current, err := c.authenticate(ctx, 0)
	if err != nil {
		return nil, err
	}
	response, err := c.sendWithToken(request, current.access)
	for range mostRenewals {
		if err != nil || response.StatusCode != http.StatusUnauthorized {
			break
		}
		renewed, refused := c.authenticate(ctx, current.generation)
		if refused != nil {
			return nil, fmt.Errorf("%w (the service had answered: %w)", refused, operationOf(ctx).failure(response))
		}
		current = renewed
		response, err = c.sendWithToken(request, current.access)
		if !current.isOld(c.config.Clock()) {
			break
		}
	}
	return response, err
}

func (c *Client) sendWithToken(request *http.Request, token secret.String) (*http.Response, error) {
	clone := request.Clone(request.Context())
	if request.GetBody != nil {
		body, err := request.GetBody()
		if err != nil {
			return nil, fmt.Errorf("rewinding the request's body: %w", err)
		}
		clone.Body = body
	}
	operationOf(request.Context()).hide(token)
	clone.Header.Set("Authorization", "Bearer "+token.Reveal())
	return c.send(clone)
}
