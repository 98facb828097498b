// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

func requireAPIError(t *testing.T, err error) *terrascale.APIError {
	t.Helper()
	apiErr, ok := errors.AsType[*terrascale.APIError](err)
	require.True(t, ok, "%v", err)
	return apiErr
}

func TestProblemKeepsTheServersWords(t *testing.T) {
	for status, sentinel := range map[int]error{
		400: terrascale.ErrBadRequest, 401: terrascale.ErrUnauthenticated, 403: terrascale.ErrForbidden,
		404: terrascale.ErrNotFound, 409: terrascale.ErrConflict, 412: terrascale.ErrPreconditionFailed,
		429: terrascale.ErrRateLimited, 500: nil,
	} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			s := serve(t, map[string]http.HandlerFunc{listKeys: func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Request-Id", "req-42")
				problem(status, "A title", "A detail.")(w, r)
			}})
			client, _ := newClient(t, s, terrascale.Config{})
			_, err := client.ListAPIKeys(t.Context())
			require.Equal(t, terrascale.APIError{
				Status: status, Type: "https://example.com/problem", Title: "A title", Detail: "A detail.",
				Instance: "/api/v1/management/apikeys", Operation: "list API keys", RequestID: "req-42",
			}, *requireAPIError(t, err))
			require.ErrorContains(t, err, fmt.Sprintf("unable to list API keys: HTTP %d A title: A detail. (request req-42)", status))
			for _, other := range []error{
				terrascale.ErrBadRequest, terrascale.ErrUnauthenticated, terrascale.ErrForbidden, terrascale.ErrNotFound,
				terrascale.ErrConflict, terrascale.ErrPreconditionFailed, terrascale.ErrRateLimited,
			} {
				require.Equal(t, sentinel != nil && errors.Is(sentinel, other), errors.Is(err, other), other)
			}
		})
	}
}

func TestForeignAnswers(t *testing.T) {
	raw := func(status int, contentType, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	for name, row := range map[string]struct {
		answer http.HandlerFunc
		want   error
		says   []string
	}{
		"HTML error":              {raw(502, "text/html", "<html>\n\t<h1>Bad\x00 Gateway</h1>"), nil, []string{"HTTP 502", `"text/html"`, "<html> <h1>Bad Gateway</h1>"}},
		"HTML success":            {raw(200, "text/html", "<html>log in here"), terrascale.ErrInvalidAnswer, []string{"HTTP 200", `"text/html"`}},
		"no content type":         {raw(403, "", ""), terrascale.ErrForeignAnswer, []string{"HTTP 403 Forbidden", "127.0.0.1:"}},
		"JSON that is no problem": {raw(404, "application/json", `[1,2]`), terrascale.ErrForeignAnswer, []string{"not problem JSON", "[1,2]"}},
		"cut problem":             {raw(409, "application/problem+json", `{"title":"Con`), terrascale.ErrConflict, []string{"HTTP 409"}},
		"wrong types":             {raw(200, "application/json", `{"keys":"none"}`), terrascale.ErrInvalidAnswer, []string{"does not parse"}},
		"empty body":              {raw(200, "application/json", ``), terrascale.ErrInvalidAnswer, []string{"does not parse"}},
		"key without an id":       {raw(200, "application/json", `{"keys":[{}]}`), terrascale.ErrInvalidAnswer, []string{"without a keyId"}},
		"long text":               {raw(500, "text/plain", strings.Repeat("é", 5000)), nil, []string{strings.Repeat("é", 200) + "…"}},
		"huge body":               {raw(200, "application/json", strings.Repeat(" ", 9<<20)), terrascale.ErrAnswerTooLarge, []string{"more than 8 MiB", "HTTP 200"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, map[string]http.HandlerFunc{listKeys: row.answer})
			client, _ := newClient(t, s, terrascale.Config{})
			_, err := client.ListAPIKeys(t.Context())
			require.Error(t, err)
			if row.want != nil {
				require.ErrorIs(t, err, row.want)
			}
			for _, text := range row.says {
				require.ErrorContains(t, err, text)
			}
		})
	}
}

func TestHugeAnswerIsNotAskedForAgain(t *testing.T) {
	s := serve(t, map[string]http.HandlerFunc{listKeys: func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(make([]byte, 9<<20))
	}})
	client, _ := newClient(t, s, terrascale.Config{MaxRetries: 3})
	_, err := client.ListAPIKeys(t.Context())
	require.ErrorIs(t, err, terrascale.ErrAnswerTooLarge)
	require.Len(t, s.calls(listKeys), 1)
}

func TestTruncatedAnswerIsAskedForAgain(t *testing.T) {
	s := serve(t, map[string]http.HandlerFunc{listKeys: inTurn(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte(`{"keys":[`))
	}, noKeys)})
	client, _ := newClient(t, s, terrascale.Config{MaxRetries: 1})
	_, err := client.ListAPIKeys(t.Context())
	require.NoError(t, err)
	require.Len(t, s.calls(listKeys), 2)
}

func TestRedirectIsNeverFollowed(t *testing.T) {
	elsewhere := serve(t, nil)
	for _, status := range []int{301, 302, 303, 307, 308} {
		s := serve(t, map[string]http.HandlerFunc{listKeys: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+"/login?state=very-secret", status)
		}})
		client, _ := newClient(t, s, terrascale.Config{MaxRetries: 2})
		_, err := client.ListAPIKeys(t.Context())
		require.ErrorIs(t, err, terrascale.ErrRedirected)
		require.ErrorContains(t, err, elsewhere.URL+"/login")
		require.NotContains(t, err.Error(), "very-secret")
		require.Len(t, s.calls(listKeys), 1)
	}
	require.Empty(t, elsewhere.calls(""), "nothing goes elsewhere, least of all the token")
}

func TestSecretsAreInNoErrorLogOrFormattedValue(t *testing.T) {
	secrets := []string{"token-very-secret", passwordText, totpSecretText, "eyJhbGciOi.eyJzdWIi.c2ln", "rt_refresh-1", "ts_live_abc123xyz", "half-of"}
	echo := "you sent token-very-secret, " + passwordText + ", " + totpSecretText + ", Bearer half-of-something, eyJhbGciOi.eyJzdWIi.c2ln, rt_refresh-1 and ts_live_abc123xyz"
	var mu sync.Mutex
	var logged strings.Builder
	config := terrascale.Config{
		AccessToken: secret.New("token-very-secret"), Email: "ops@example.com", Password: secret.New(passwordText),
		TOTPSecret: secret.New(totpSecretText), MaxRetries: 1,
		Log: func(_ context.Context, message string, fields ...map[string]any) {
			mu.Lock()
			defer mu.Unlock()
			fmt.Fprintln(&logged, message, fields)
		},
	}
	for name, answer := range map[string]http.HandlerFunc{
		"problem": problem(403, echo, echo),
		"text": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(echo))
		},
		"login": problem(401, "Unauthorized", echo),
		"lost":  hangUp,
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, map[string]http.HandlerFunc{createKey: answer, login: loggedIn("eyJhbGciOi.eyJzdWIi.c2ln", "rt_refresh-1")})
			client, _ := newClient(t, s, config)
			_, err := client.CreateAPIKeyOnce(t.Context(), terrascale.NewAPIKey{Name: "n", Scopes: []string{"*"}})
			require.Error(t, err)
			holder := struct{ client *terrascale.Client }{client}
			for _, text := range []string{
				err.Error(), fmt.Sprintf("%+v %#v", err, err), logged.String(),
				fmt.Sprintf("%v %+v %#v %s %d", client, client, client, client, client),
				fmt.Sprintf("%v %+v", config, &config), fmt.Sprintf("%#v", config), fmt.Sprintf("%+v", *client), fmt.Sprintf("%+v", holder),
			} {
				for _, secretText := range secrets {
					require.NotContains(t, text, secretText)
				}
			}
			require.NotEmpty(t, logged.String())
		})
	}
}
