// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

//nolint:bodyclose // attemptTransport has read and closed every body already.
package terrascale

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/snapshot"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale/api"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// refreshMargin is how long before its expiry an access token is renewed; for a short-lived one, half its life.
const refreshMargin = time.Minute

var (
	// ErrNoCredentials means that a call needs a login and the configuration has nothing to log in with.
	ErrNoCredentials = errors.New("no credentials")
	// ErrSessionEnded means that the tokens are no longer accepted and there is nothing to renew them with. It is
	// an ErrUnauthenticated.
	ErrSessionEnded = fmt.Errorf("%w: the access token is not accepted and cannot be renewed", ErrUnauthenticated)
	// ErrOrganizationUnknown means that nothing says which organization the token is active for.
	ErrOrganizationUnknown = errors.New("the active organization is unknown")
)

// session is one access token and what is known about it. The zero value is no session.
type session struct {
	// generation grows with each token, so that callers with an old one find that it was replaced already.
	generation      int
	access, refresh secret.String
	// renewAt is zero when the token's lifetime is unknown.
	renewAt time.Time
	// organization is what the token is known to be active for, or "".
	organization string
	// personal is the user's personal organization, known after a login by password.
	personal string
}

func (c *Client) lock(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	select {
	case c.gate <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *Client) unlock() { <-c.gate }

// authenticate returns a session newer than the generation rejected, active for Config.OrganizationID. One caller
// does the work while the others wait, each no longer than its context.
func (c *Client) authenticate(ctx context.Context, rejected int) (session, error) {
	if err := c.lock(ctx); err != nil {
		return session{}, err
	}
	defer c.unlock()
	if c.refused != nil {
		return session{}, c.refused
	}
	if err := c.ensureToken(ctx, rejected); err != nil {
		// Another try with the same credentials can only lock the account, and an outage has used up its retries.
		if ctx.Err() == nil {
			err = snapshot.Share(err)
			c.refused = err
		}
		return session{}, err
	}
	if want := c.config.OrganizationID; want != "" && c.session.organization != want {
		err := c.switchOrganization(ctx, want)
		if errors.Is(err, ErrUnauthenticated) && c.session.access.IsEmpty() && c.hasPassword() {
			// The token was stale, and there is a password to log in with.
			if err = c.ensureToken(ctx, rejected); err == nil && c.session.organization != want {
				err = c.switchOrganization(ctx, want)
			}
		}
		if err != nil {
			if ctx.Err() == nil {
				err = snapshot.Share(err)
				c.refused = err
			}
			return session{}, err
		}
	}
	return c.session, nil
}

// ensureToken leaves a usable token in c.session. The caller holds the gate.
func (c *Client) ensureToken(ctx context.Context, rejected int) error {
	switch s := c.session; {
	case s.access.IsEmpty() && !c.config.AccessToken.IsEmpty() && s.generation == 0:
		c.keep(session{
			access:       c.config.AccessToken,
			organization: claimedOrganization(c.config.AccessToken),
		})
		return nil
	case s.access.IsEmpty():
		return c.login(ctx)
	case s.generation > rejected && !s.isOld(c.config.Clock()):
		return nil
	default:
		return c.renew(ctx)
	}
}

// isOld reports whether the token is due to be renewed at a time.
func (s session) isOld(now time.Time) bool { return !s.renewAt.IsZero() && !now.Before(s.renewAt) }

// keep replaces the session. The caller holds the gate.
func (c *Client) keep(next session) {
	next.generation = c.session.generation + 1
	c.session = next
}

// drop forgets the tokens, so that the next call logs in anew. The caller holds the gate.
func (c *Client) drop() {
	c.session = session{generation: c.session.generation}
}

func (c *Client) hasPassword() bool { return c.config.Email != "" && !c.config.Password.IsEmpty() }

// renew gets a new token with the refresh token, or else with the password. The caller holds the gate.
func (c *Client) renew(ctx context.Context) error {
	if c.session.refresh.IsEmpty() {
		if !c.hasPassword() {
			return ErrSessionEnded
		}
		return c.login(ctx)
	}
	err := c.refresh(ctx)
	if err == nil || ctx.Err() != nil || !c.hasPassword() {
		return err
	}
	return c.login(ctx)
}

func (c *Client) refresh(ctx context.Context) error {
	old := c.session
	started := c.config.Clock()
	// The refresh token is spent by an attempt whose answer is lost, so that repeating it is of no use.
	ctx, op := c.begin(ctx, "refresh the access token", repeatRefused)
	op.hide(old.refresh)
	response, err := c.public.RefreshToken(ctx, api.TokenRefresh{RefreshToken: old.refresh.Reveal()})
	if err == nil && isSpentToken(response.StatusCode) {
		err := op.failure(response)
		// The access token may be good for a little longer, but nothing is left to renew it with.
		c.session.refresh = secret.String{}
		return fmt.Errorf("%w: %w", ErrSessionEnded, err)
	}
	tokens, err := decode[api.RefreshedTokens](op, response, err, http.StatusOK)
	if err != nil {
		return err
	}
	if tokens.AccessToken == "" {
		return op.invalid("there is no accessToken in it")
	}
	next := old
	next.access = secret.New(tokens.AccessToken)
	next.refresh = secret.New(tokens.RefreshToken)
	next.renewAt = renewAt(started, tokens.ExpiresIn)
	// "refresh-keeps-organization", unless the token says otherwise.
	if claimed := claimedOrganization(next.access); claimed != "" {
		next.organization = claimed
	}
	c.keep(next)
	return nil
}

// switchOrganization replaces the tokens by those of another organization. The caller holds the gate.
func (c *Client) switchOrganization(ctx context.Context, organizationID string) error {
	old := c.session
	started := c.config.Clock()
	ctx, op := c.begin(ctx, fmt.Sprintf("switch to organization %q", organizationID), repeatAny)
	op.hide(old.access)
	response, err := c.public.SwitchOrganization(ctx, api.OrganizationSwitch{OrganizationID: organizationID},
		func(_ context.Context, request *http.Request) error {
			request.Header.Set("Authorization", "Bearer "+old.access.Reveal())
			return nil
		})
	answer, err := decode[api.AuthResponse](op, response, err, http.StatusOK)
	if err != nil {
		if errors.Is(err, ErrUnauthenticated) && c.hasPassword() {
			c.drop()
		}
		return err
	}
	next, err := newSession(op, answer, started)
	if err != nil {
		return err
	}
	if next.organization != "" && next.organization != organizationID {
		return op.invalid(fmt.Sprintf("the new token is for organization %q", next.organization))
	}
	next.organization = organizationID
	c.keep(next)
	return nil
}

// newSession takes the tokens out of an answer.
func newSession(op *operation, answer api.AuthResponse, started time.Time) (session, error) {
	if answer.AccessToken == "" {
		return session{}, op.invalid("there is no accessToken in it")
	}
	access := secret.New(answer.AccessToken)
	return session{
		access:       access,
		refresh:      secret.New(answer.RefreshToken),
		renewAt:      renewAt(started, answer.ExpiresIn),
		organization: claimedOrganization(access),
		personal:     answer.PersonalOrgID,
	}, nil
}

// renewAt counts from before the request, since the token was issued somewhere between then and now.
func renewAt(started time.Time, expiresIn int) time.Time {
	if expiresIn <= 0 {
		return time.Time{}
	}
	lifetime := time.Duration(min(expiresIn, 365*24*60*60)) * time.Second
	return started.Add(lifetime - min(refreshMargin, lifetime/2))
}

// ActiveOrganizationID returns the organization that keys and databases belong to: Config.OrganizationID, or what
// the token is active for. ErrOrganizationUnknown when nothing says so.
func (c *Client) ActiveOrganizationID(ctx context.Context) (string, error) {
	if c.config.OrganizationID != "" {
		return c.config.OrganizationID, nil
	}
	current, err := c.authenticate(ctx, 0)
	if err != nil {
		return "", fmt.Errorf("unable to find out the active organization: %w", err)
	}
	if current.organization != "" {
		return current.organization, nil
	}
	var memberships []Membership
	if current.personal == "" {
		if memberships, err = c.ListOrganizations(ctx); err != nil {
			return "", fmt.Errorf("unable to find out the active organization: %w", err)
		}
	}
	organizationID := organizationWithoutClaim(current.personal, memberships)
	if organizationID == "" {
		return "", fmt.Errorf("%w: the access token does not name it and the user belongs to %d organizations; set the organization id",
			ErrOrganizationUnknown, len(memberships))
	}
	return organizationID, nil
}
