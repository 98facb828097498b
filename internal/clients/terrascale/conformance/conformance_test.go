// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package conformance_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// The variables that point the tests at a service other than the emulator.
const (
	endpointVariable = "TERRASCALE_CONFORMANCE_ENDPOINT"
	tokenVariable    = "TERRASCALE_CONFORMANCE_TOKEN"
)

// subject is the service that is looked at.
type subject struct {
	name         string
	client       *terrascale.Client
	organization string
	// mark is in the name of everything that the tests make.
	mark string
}

func newSubject(t *testing.T) subject {
	t.Helper()
	s := subject{name: os.Getenv(endpointVariable), mark: "conformance-" + strings.ToLower(rand.Text()[:8])}
	token := secret.New(os.Getenv(tokenVariable))
	require.Equal(t, s.name == "", token.IsEmpty(), "set both %s and %s, or neither", endpointVariable, tokenVariable)
	endpoint, organization := s.name, os.Getenv("TERRASCALE_ORGANIZATION_ID")
	if s.name == "" {
		s.name = "the emulator"
		server, err := emulator.New(emulator.Options{Clock: time.Now})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, server.Close()) })
		require.NoError(t, server.Start())
		endpoint, organization = server.URL(), emulator.DefaultOrganizationID
		token, err = server.IssueToken(emulator.DefaultOwnerEmail, emulator.DefaultOrganizationID)
		require.NoError(t, err)
	}
	var err error
	s.client, err = terrascale.New(terrascale.Config{
		Endpoint: endpoint, AccessToken: token, OrganizationID: organization, MaxRetries: 4,
	})
	require.NoError(t, err)
	s.organization, err = s.client.ActiveOrganizationID(t.Context())
	require.NoError(t, err)
	return s
}

// expectation is one thing that the client relies on.
type expectation struct {
	// what says it; assumption names it where the service's documentation is silent.
	what, assumption string
	// check gives what the service answered. An error is another answer than the one relied on.
	check func(ctx context.Context, t *testing.T, s subject) (answered string, err error)
}

func TestTheServiceIsAsTheClientExpects(t *testing.T) {
	s := newSubject(t)
	var table strings.Builder
	writer := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(writer, "source\texpected\t%s answered\n", s.name)
	for _, e := range slices.Concat(keyExpectations, memberExpectations, organizationExpectations, allowlistExpectations) {
		t.Run(e.what, func(t *testing.T) {
			answered, err := e.check(t.Context(), t, s)
			source := "published"
			if e.assumption != "" {
				source = "assumed: " + e.assumption
			}
			if err != nil {
				answered = "OTHERWISE: " + err.Error()
				t.Error(err)
			}
			_, _ = fmt.Fprintf(writer, "%s\t%s\t%s\n", source, e.what, answered)
		})
	}
	require.NoError(t, writer.Flush())
	t.Log("\n" + table.String())
}

// Every assumption is looked at here, or it says why not.
func TestEveryAssumptionIsLookedAt(t *testing.T) {
	elsewhere := map[string]string{
		"wrong-password": "a wrong password would be tried", "mfa-challenge": "needs a user with a second factor",
		"wrong-code": "needs a user with a second factor", "totp-parameters": "needs a user with a second factor",
		"spent-refresh-token": "an access token alone has none", "refresh-keeps-organization": "an access token alone has none",
		"organization-claim": "which of the three holds is found out by ActiveOrganizationID", "login-organization": "likewise",
		"only-organization": "likewise", "delete-twice": "needs an answer that is lost on the way",
		"member-list-paging": "the list of an organization made for this is too short", "member-mfa": "may be absent",
		"organization-lost": "an organization can't be taken back", "billing-email-removal": "the organization stays as it is",
		"database-names": "a database costs money", "database-settings": "a database costs money",
		"expired-invitation": "an invitation lives for days",
	}
	looked := map[string]bool{}
	for _, e := range slices.Concat(keyExpectations, memberExpectations, organizationExpectations, allowlistExpectations) {
		looked[e.assumption] = true
	}
	for _, a := range terrascale.Assumptions {
		require.NotEqual(t, elsewhere[a.Name] != "", looked[a.Name], "assumption %q is looked at, or excused, and not both", a.Name)
	}
}

// makeKey makes a key that ends with the test.
func makeKey(ctx context.Context, t *testing.T, s subject) (terrascale.CreatedAPIKey, error) {
	t.Helper()
	expires := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	made, err := s.client.CreateAPIKey(ctx, terrascale.NewAPIKey{Name: s.mark, Scopes: []string{"database:read"}, ExpiresAt: &expires})
	if err == nil {
		t.Cleanup(func() {
			ctx := context.WithoutCancel(ctx)
			if err := s.client.RevokeAPIKey(ctx, made.ID); err != nil && !errors.Is(err, terrascale.ErrNotFound) {
				t.Errorf("key %s is left: %s", made.ID, err)
			}
		})
	}
	return made, err
}

// listed finds a key in the whole list.
func listed(ctx context.Context, s subject, id string) (key terrascale.APIKey, err error) {
	keys, err := s.client.ListAPIKeys(ctx)
	if err != nil {
		return key, err
	}
	at := slices.IndexFunc(keys, func(key terrascale.APIKey) bool { return key.ID == id })
	if at < 0 {
		return key, fmt.Errorf("key %s is not among the %d that are listed", id, len(keys))
	}
	return keys[at], nil
}

// refused expects a call to fail in a way.
func refused(err, want error) (string, error) {
	if !errors.Is(err, want) {
		return "", fmt.Errorf("expected %w, got: %w", want, errors.Join(err))
	}
	return want.Error(), nil
}
