// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

func refreshed(access, refresh string) http.HandlerFunc {
	return reply(200, object{"accessToken": access, "refreshToken": refresh, "expiresIn": 3600})
}

// accepting lists no keys for the tokens given, and refuses every other.
func accepting(tokens ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, token := range tokens {
			if r.Header.Get("Authorization") == "Bearer "+token {
				noKeys(w, r)
				return
			}
		}
		problem(401, "Unauthorized", "the token is not valid")(w, r)
	}
}

// jwtFor makes a token that claims to be active for an organization.
func jwtFor(organizationID string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none"}`)) + "." + encode([]byte(`{"org_id":"`+organizationID+`"}`)) + ".c2ln"
}

// listInParallel lists the keys n times at once and returns each outcome.
func listInParallel(t *testing.T, client *terrascale.Client, n int) []error {
	t.Helper()
	outcomes := make([]error, n)
	var wait sync.WaitGroup
	for i := range outcomes {
		wait.Go(func() { _, outcomes[i] = client.ListAPIKeys(t.Context()) })
	}
	wait.Wait()
	return outcomes
}

func TestConcurrentCallersShareOneLogin(t *testing.T) {
	s := serve(t, map[string]http.HandlerFunc{login: loggedIn("jwt-1", "rt_1"), listKeys: accepting("jwt-1")})
	client, _ := newClient(t, s, withPassword())
	for _, err := range listInParallel(t, client, 20) {
		require.NoError(t, err)
	}
	require.Len(t, s.calls(login), 1)
	require.Len(t, s.calls(listKeys), 20)
}

func TestConcurrentCallersShareOneRefusedLogin(t *testing.T) {
	s := serve(t, map[string]http.HandlerFunc{login: reply(200, object{"status": "InvalidCredentials"})})
	client, _ := newClient(t, s, withPassword())
	for _, err := range listInParallel(t, client, 20) {
		require.ErrorIs(t, err, terrascale.ErrInvalidCredentials)
	}
	require.Len(t, s.calls(login), 1)
}

func TestConcurrentCallersShareOneRefreshAfter401(t *testing.T) {
	s := serve(t, map[string]http.HandlerFunc{
		login: loggedIn("jwt-1", "rt_1"), refresh: refreshed("jwt-2", "rt_2"), listKeys: accepting("jwt-2"),
	})
	client, _ := newClient(t, s, withPassword())
	for _, err := range listInParallel(t, client, 20) {
		require.NoError(t, err)
	}
	require.Len(t, s.calls(login), 1)
	require.Len(t, s.calls(refresh), 1)
	require.JSONEq(t, `{"refreshToken":"rt_1"}`, s.calls(refresh)[0].Body)
}

func TestTokenIsRefreshedBeforeItExpires(t *testing.T) {
	clock := newClock()
	s := serve(t, map[string]http.HandlerFunc{
		login:    loggedIn("jwt-1", "rt_1"),
		refresh:  inTurn(refreshed("jwt-2", "rt_2"), refreshed("jwt-3", "rt_3")),
		listKeys: accepting("jwt-1", "jwt-2", "jwt-3"),
	})
	config := withPassword()
	config.Clock = clock.Now
	client, _ := newClient(t, s, config)
	for _, step := range []struct {
		after     time.Duration
		refreshes int
	}{{0, 0}, {58 * time.Minute, 0}, {time.Minute, 1}, {58 * time.Minute, 1}, {time.Minute, 2}} {
		clock.Advance(step.after)
		for _, err := range listInParallel(t, client, 5) {
			require.NoError(t, err)
		}
		require.Len(t, s.calls(refresh), step.refreshes)
	}
	require.Len(t, s.calls(login), 1)
	// Each refresh token is used once, and then its successor.
	require.JSONEq(t, `{"refreshToken":"rt_2"}`, s.calls(refresh)[1].Body)
}

func TestRefusedRefreshLogsInAgain(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"spent":       problem(401, "Unauthorized", "spent"),
		"bad request": problem(400, "Bad Request", "spent"),
		"failing":     problem(500, "Internal Server Error", "oops"),
		"lost":        hangUp,
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, map[string]http.HandlerFunc{
				login:   inTurn(loggedIn("jwt-1", "rt_1"), loggedIn("jwt-2", "rt_2")),
				refresh: answer, listKeys: accepting("jwt-2"),
			})
			config := withPassword()
			config.MaxRetries = 3
			client, _ := newClient(t, s, config)
			_, err := client.ListAPIKeys(t.Context())
			require.NoError(t, err)
			require.Len(t, s.calls(login), 2)
			require.Len(t, s.calls(refresh), 1, "a refresh token is spent at once")
		})
	}
}

func TestFreshTokenRefusedIsAnErrorNotALoop(t *testing.T) {
	s := serve(t, map[string]http.HandlerFunc{
		login: loggedIn("jwt-1", "rt_1"), refresh: refreshed("jwt-2", "rt_2"), listKeys: accepting(),
	})
	client, _ := newClient(t, s, withPassword())
	_, err := client.ListAPIKeys(t.Context())
	require.ErrorIs(t, err, terrascale.ErrUnauthenticated)
	require.ErrorContains(t, err, "the token is not valid")
	require.Len(t, s.calls(listKeys), 2)
	require.Len(t, s.calls(refresh), 1)
}

func TestCreateIsSentAgainWithItsBodyAfter401(t *testing.T) {
	s := serve(t, map[string]http.HandlerFunc{
		login: loggedIn("jwt-1", "rt_1"), refresh: refreshed("jwt-2", "rt_2"),
		createKey: inTurn(problem(401, "Unauthorized", "expired"), reply(201, object{
			"keyId": "key_1", "apiKey": "ts_live_x", "name": "n", "scopes": []string{"*"}, "createdAt": "2026-01-15T10:00:00Z",
		})),
	})
	client, _ := newClient(t, s, withPassword())
	_, err := client.CreateAPIKeyOnce(t.Context(), terrascale.NewAPIKey{Name: "n", Scopes: []string{"*"}})
	require.NoError(t, err)
	require.Len(t, s.calls(createKey), 2)
	require.JSONEq(t, `{"name":"n","scopes":["*"]}`, s.calls(createKey)[1].Body)
}

func TestBareTokenRefused(t *testing.T) {
	s := serve(t, map[string]http.HandlerFunc{listKeys: accepting()})
	client, _ := newClient(t, s, terrascale.Config{AccessToken: secret.New("opaque-token")})
	_, err := client.ListAPIKeys(t.Context())
	require.ErrorIs(t, err, terrascale.ErrSessionEnded)
	require.ErrorIs(t, err, terrascale.ErrUnauthenticated)
	require.ErrorContains(t, err, "the token is not valid")
	require.Len(t, s.calls(""), 1)
}

func TestBareTokenRefusedWithPasswordLogsIn(t *testing.T) {
	s := serve(t, map[string]http.HandlerFunc{login: loggedIn("jwt-1", "rt_1"), listKeys: accepting("jwt-1")})
	config := withPassword()
	config.AccessToken = secret.New("opaque-token")
	client, _ := newClient(t, s, config)
	_, err := client.ListAPIKeys(t.Context())
	require.NoError(t, err)
	require.Equal(t, "Bearer opaque-token", s.calls(listKeys)[0].Authorization)
}

func TestSwitchOrganization(t *testing.T) {
	for name, row := range map[string]struct {
		config   terrascale.Config
		switches int
		with     string // the token that the switch is asked with
		used     string // the token that the call is made with
	}{
		"after a login":                {withPassword(), 1, "jwt-1", "jwt-org"},
		"with a bare token":            {terrascale.Config{AccessToken: secret.New("opaque")}, 1, "opaque", "jwt-org"},
		"with another's token":         {terrascale.Config{AccessToken: secret.New(jwtFor("org_other"))}, 1, jwtFor("org_other"), "jwt-org"},
		"not when the token is for it": {terrascale.Config{AccessToken: secret.New(jwtFor("org_2"))}, 0, "", jwtFor("org_2")},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, map[string]http.HandlerFunc{
				login: loggedIn("jwt-1", "rt_1"), switchOrg: reply(200, tokens("jwt-org", "rt_org")), listKeys: noKeys,
			})
			row.config.OrganizationID = "org_2"
			client, _ := newClient(t, s, row.config)
			for _, err := range listInParallel(t, client, 5) {
				require.NoError(t, err)
			}
			require.Len(t, s.calls(switchOrg), row.switches)
			for _, r := range s.calls(switchOrg) {
				require.JSONEq(t, `{"organizationId":"org_2"}`, r.Body)
				require.Equal(t, "Bearer "+row.with, r.Authorization)
			}
			require.Equal(t, "Bearer "+row.used, s.calls(listKeys)[0].Authorization)
			id, err := client.ActiveOrganizationID(t.Context())
			require.NoError(t, err)
			require.Equal(t, "org_2", id)
		})
	}
}

func TestSwitchedTokenIsRefreshedWithoutSwitchingAgain(t *testing.T) {
	s := serve(t, map[string]http.HandlerFunc{
		switchOrg: reply(200, tokens("jwt-org", "rt_org")), refresh: refreshed("jwt-org-2", "rt_org_2"),
		listKeys: accepting("jwt-org-2"),
	})
	client, _ := newClient(t, s, terrascale.Config{AccessToken: secret.New("opaque"), OrganizationID: "org_2"})
	_, err := client.ListAPIKeys(t.Context())
	require.NoError(t, err)
	require.JSONEq(t, `{"refreshToken":"rt_org"}`, s.calls(refresh)[0].Body)
	require.Len(t, s.calls(switchOrg), 1)
}

func TestRefusedSwitch(t *testing.T) {
	for name, row := range map[string]struct {
		answer http.HandlerFunc
		want   error
	}{
		"not a member":            {problem(403, "Forbidden", "not a member"), terrascale.ErrForbidden},
		"no such organization":    {problem(404, "Not Found", "absent"), terrascale.ErrNotFound},
		"expired token":           {problem(401, "Unauthorized", "expired"), terrascale.ErrUnauthenticated},
		"token for another place": {reply(200, tokens(jwtFor("org_other"), "rt_1")), terrascale.ErrInvalidAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, map[string]http.HandlerFunc{switchOrg: row.answer})
			client, _ := newClient(t, s, terrascale.Config{AccessToken: secret.New("opaque-token"), OrganizationID: "org_2"})
			_, err := client.ListAPIKeys(t.Context())
			require.ErrorIs(t, err, row.want)
			require.ErrorContains(t, err, `switch to organization "org_2"`)
			require.Empty(t, s.calls(listKeys), "no call is made in another organization")
		})
	}
}

func TestActiveOrganizationID(t *testing.T) {
	member := func(ids ...string) http.HandlerFunc {
		list := []object{}
		for _, id := range ids {
			list = append(list, object{"organizationId": id, "organizationName": id, "role": "owner", "joinedAt": "2026-01-01T00:00:00Z"})
		}
		return reply(200, object{"organizations": list})
	}
	for name, row := range map[string]struct {
		config terrascale.Config
		list   http.HandlerFunc
		want   string
	}{
		"the token's claim":           {terrascale.Config{AccessToken: secret.New(jwtFor("org_claimed"))}, nil, "org_claimed"},
		"the personal one of a login": {withPassword(), nil, "org_personal"},
		"the only one":                {terrascale.Config{}, member("org_1"), "org_1"},
		"one of several":              {terrascale.Config{}, member("org_1", "org_2"), ""},
		"none":                        {terrascale.Config{}, member(), ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, map[string]http.HandlerFunc{login: loggedIn("jwt-1", "rt_1"), "GET /api/v1/organizations": row.list})
			client, _ := newClient(t, s, row.config)
			id, err := client.ActiveOrganizationID(t.Context())
			if row.want == "" {
				require.ErrorIs(t, err, terrascale.ErrOrganizationUnknown)
				return
			}
			require.NoError(t, err)
			require.Equal(t, row.want, id)
		})
	}
}

func TestWaitingForSomebodyElsesLoginEndsWithTheContext(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	s := serve(t, map[string]http.HandlerFunc{
		login: func(w http.ResponseWriter, r *http.Request) {
			close(entered)
			<-release
			loggedIn("jwt-1", "rt_1")(w, r)
		},
		listKeys: noKeys,
	})
	client, _ := newClient(t, s, withPassword())
	first := make(chan error)
	go func() {
		_, err := client.ListAPIKeys(context.WithoutCancel(t.Context()))
		first <- err
	}()
	<-entered
	ctx, cancel := context.WithCancel(t.Context())
	second := make(chan error)
	go func() {
		_, err := client.ListAPIKeys(ctx)
		second <- err
	}()
	cancel()
	require.ErrorIs(t, <-second, context.Canceled)
	close(release)
	require.NoError(t, <-first)
}

func TestSpentRefreshTokenIsNotSentAgain(t *testing.T) {
	s := serve(t, map[string]http.HandlerFunc{
		switchOrg: reply(200, tokens("jwt-org", "rt_org")), refresh: problem(401, "Unauthorized", "spent"), listKeys: accepting(),
	})
	client, _ := newClient(t, s, terrascale.Config{AccessToken: secret.New("opaque"), OrganizationID: "org_2"})
	for range 2 {
		_, err := client.ListAPIKeys(t.Context())
		require.ErrorIs(t, err, terrascale.ErrSessionEnded)
		require.ErrorIs(t, err, terrascale.ErrUnauthenticated)
	}
	require.Len(t, s.calls(refresh), 1)
}

func TestSwitchRefusedForItsTokenLogsInAnewInTheSameCall(t *testing.T) {
	for name, row := range map[string]struct {
		token  string
		logins int
	}{
		"the login's own":                     {"", 2},
		"a stale one beside a password":       {"stale", 1},
		"a stale one that claims to be right": {jwtFor("org_1"), 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, map[string]http.HandlerFunc{
				login:     loggedIn("jwt-1", "rt_1"),
				switchOrg: inTurn(problem(401, "Unauthorized", "revoked"), reply(200, tokens("jwt-org", "rt_org"))),
				listKeys:  accepting("jwt-org"),
			})
			config := withPassword()
			config.OrganizationID, config.AccessToken = "org_2", secret.New(row.token)
			client, _ := newClient(t, s, config)
			_, err := client.ListAPIKeys(t.Context())
			require.NoError(t, err)
			require.Len(t, s.calls(login), row.logins)
		})
	}
	t.Run("refused again", func(t *testing.T) {
		s := serve(t, map[string]http.HandlerFunc{login: loggedIn("jwt-1", "rt_1"), switchOrg: problem(401, "Unauthorized", "no")})
		config := withPassword()
		config.OrganizationID, config.AccessToken = "org_2", secret.New("stale")
		client, _ := newClient(t, s, config)
		for range 2 {
			_, err := client.ListAPIKeys(t.Context())
			require.ErrorIs(t, err, terrascale.ErrUnauthenticated)
		}
		require.Len(t, s.calls(switchOrg), 2)
	})
}

// A call may wait longer for its turn than a token lives.
func TestTokenThatGrewOldWhileTheCallWaitedIsRenewedAgain(t *testing.T) {
	clock := newClock()
	expired := func(w http.ResponseWriter, r *http.Request) {
		clock.Advance(2 * time.Hour)
		problem(http.StatusUnauthorized, "Unauthorized", "expired")(w, r)
	}
	s := serve(t, map[string]http.HandlerFunc{
		login: loggedIn("jwt-1", "rt_1"), listKeys: inTurn(expired, expired, expired, noKeys),
		refresh: inTurn(
			reply(http.StatusOK, object{"accessToken": "jwt-2", "refreshToken": "rt_2", "expiresIn": 3600}),
			reply(http.StatusOK, object{"accessToken": "jwt-3", "refreshToken": "rt_3", "expiresIn": 3600}),
			reply(http.StatusOK, object{"accessToken": "jwt-4", "refreshToken": "rt_4", "expiresIn": 3600}),
		),
	})
	config := withPassword()
	config.Clock = clock.Now
	client, _ := newClient(t, s, config)
	_, err := client.ListAPIKeys(t.Context())
	require.NoError(t, err)
	require.Len(t, s.calls(listKeys), 4)

	// It ends, too.
	s = serve(t, map[string]http.HandlerFunc{
		login: loggedIn("jwt-1", "rt_1"), listKeys: expired,
		refresh: reply(http.StatusOK, object{"accessToken": "jwt-2", "refreshToken": "rt_2", "expiresIn": 3600}),
	})
	client, _ = newClient(t, s, config)
	_, err = client.ListAPIKeys(t.Context())
	require.ErrorIs(t, err, terrascale.ErrUnauthenticated)
	require.Len(t, s.calls(listKeys), 21)
}
