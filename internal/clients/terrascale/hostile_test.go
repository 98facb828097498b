// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

const hostileToken = "token-that-must-not-leak"

// everyCall is what the client can ask a service, each with arguments that are fine.
var everyCall = map[string]func(context.Context, *terrascale.Client) error{
	"list keys": func(ctx context.Context, c *terrascale.Client) error { _, err := c.ListAPIKeys(ctx); return err },
	"create key": func(ctx context.Context, c *terrascale.Client) error {
		_, err := c.CreateAPIKeyOnce(ctx, wantedKey)
		return err
	},
	"revoke key": func(ctx context.Context, c *terrascale.Client) error { return c.RevokeAPIKey(ctx, "key_1") },
	"list members": func(ctx context.Context, c *terrascale.Client) error {
		_, err := c.ListMembers(ctx, "org_1")
		return err
	},
	"invite": func(ctx context.Context, c *terrascale.Client) error {
		_, err := c.InviteMember(ctx, "org_1", "a@b.c", "member")
		return err
	},
	"change role": func(ctx context.Context, c *terrascale.Client) error {
		_, err := c.UpdateMemberRole(ctx, "org_1", terrascale.Member{Email: "a@b.c"}, "admin")
		return err
	},
	"remove member": func(ctx context.Context, c *terrascale.Client) error {
		return c.RemoveMember(ctx, "org_1", terrascale.Member{Email: "a@b.c"})
	},
	"list organizations": func(ctx context.Context, c *terrascale.Client) error { _, err := c.ListOrganizations(ctx); return err },
	"get organization": func(ctx context.Context, c *terrascale.Client) error {
		_, err := c.GetOrganization(ctx, "org_1")
		return err
	},
	"create organization": func(ctx context.Context, c *terrascale.Client) error {
		_, err := c.CreateOrganization(ctx, terrascale.NewOrganization{Name: "one"})
		return err
	},
	"update organization": func(ctx context.Context, c *terrascale.Client) error {
		_, err := c.UpdateOrganization(ctx, "org_1", terrascale.OrganizationUpdate{})
		return err
	},
	"delete organization": func(ctx context.Context, c *terrascale.Client) error { return c.DeleteOrganization(ctx, "org_1") },
	"get allowlist": func(ctx context.Context, c *terrascale.Client) error {
		_, err := c.GetIPAllowlist(ctx, "org_1")
		return err
	},
	"put allowlist": func(ctx context.Context, c *terrascale.Client) error {
		_, err := c.PutIPAllowlist(ctx, "org_1", terrascale.IPAllowlist{ETag: `"1"`})
		return err
	},
}

// hostile starts a service that answers everything in one way, and gives a client of it that waits for nothing.
func hostile(t testing.TB, answer http.HandlerFunc) *terrascale.Client {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	client, err := terrascale.New(terrascale.Config{
		Endpoint: server.URL, AccessToken: secret.New(hostileToken), MaxRetries: 1, RequestTimeout: 2 * time.Second,
	})
	require.NoError(t, err)
	client.RecordWaits(func(time.Duration) {})
	return client
}

func say(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("ETag", `"1"`)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func TestAHostileServiceGetsAnErrorFromEveryCall(t *testing.T) {
	elsewhere := serve(t, nil)
	for name, answer := range map[string]http.HandlerFunc{
		"JSON that ends early": say(200, "application/json", `{"keys":[{"keyId":"k`),
		"a list for an object": say(200, "application/json", `[1,2,3]`),
		"numbers for texts":    say(200, "application/json", `{"keys":[{"keyId":7}],"members":[{"email":7}],"organizations":[{"organizationId":7}],"organizationId":7,"email":7,"keyId":7,"enabled":"yes","entries":7}`),
		"wrong times":          say(200, "application/json", `{"keys":[{"keyId":"k","createdAt":"soon"}],"members":[{"email":"a","joinedAt":"soon"}],"organizations":[{"organizationId":"o","joinedAt":"soon"}],"organizationId":"o","createdAt":"soon","email":"a","joinedAt":"soon","keyId":"k","enabled":7}`),
		"an HTML page":         say(200, "text/html", "<html>Log in</html>"),
		"an HTML error":        say(502, "text/html", "<html>Bad Gateway</html>"),
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+"/take?token", http.StatusTemporaryRedirect)
		},
		"ten megabytes": say(200, "application/json", strings.Repeat(" ", 10<<20)),
		"a compressed bomb": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Encoding", "gzip")
			body := gzip.NewWriter(w)
			for range 64 {
				_, _ = body.Write(make([]byte, 1<<20))
			}
			_ = body.Close()
		},
		"gzip that is none": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write([]byte(`{}`))
		},
		"fewer bytes than told": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(1000))
			_, _ = w.Write([]byte(`{"keys":[`))
		},
		"an echo of the token": func(w http.ResponseWriter, r *http.Request) {
			say(400, "application/problem+json", fmt.Sprintf(`{"title":"You sent %s","status":400,"detail":%[1]q}`, r.Header.Get("Authorization")))(w, r)
		},
		"a hang-up": hangUp,
	} {
		t.Run(name, func(t *testing.T) {
			client := hostile(t, answer)
			for call, do := range everyCall {
				err := do(t.Context(), client)
				require.Error(t, err, call)
				require.NotContains(t, err.Error(), hostileToken, call)
				require.Less(t, len(err.Error()), 2000, call)
			}
		})
	}
	require.Empty(t, elsewhere.calls(""), "nothing goes elsewhere, least of all the token")
}

// A service that begins an answer and never ends it costs request_timeout for each attempt, and no more.
func TestAStallInTheMiddleOfABodyEnds(t *testing.T) {
	stop := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"keys":[`))
		w.(http.Flusher).Flush()
		select {
		case <-stop:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(stop) })
	client, err := terrascale.New(terrascale.Config{
		Endpoint: server.URL, AccessToken: secret.New(hostileToken), MaxRetries: 1, RequestTimeout: 50 * time.Millisecond,
	})
	require.NoError(t, err)
	client.RecordWaits(func(time.Duration) {})
	_, err = client.ListAPIKeys(t.Context())
	require.ErrorIs(t, err, terrascale.ErrTimeout)
}

func TestAnAnswerThatIsMerelyDifferentIsUnderstood(t *testing.T) {
	compressed := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
				http.Error(w, "the client does not take gzip", http.StatusNotAcceptable)
				return
			}
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			w.Header().Set("Content-Encoding", "gzip")
			zipped := gzip.NewWriter(w)
			_, _ = zipped.Write([]byte(body))
			_ = zipped.Close()
		}
	}
	const key = `{"keyId":"k1","name":"n","scopes":["*"],"createdAt":"2026-01-01T00:00:00Z"`
	for name, row := range map[string]struct {
		answer http.HandlerFunc
		want   []string
	}{
		"without optional fields": {say(200, "application/json", `{"keys":[`+key+`}]}`), []string{"k1"}},
		"with more fields":        {say(200, "application/json", `{"keys":[`+key+`,"colour":"red","owner":{"deep":[1]}}],"total":1,"nextCursor":""}`), []string{"k1"}},
		"with nulls":              {say(200, "application/json", `{"keys":[`+key+`,"expiresAt":null,"lastUsedAt":null,"createdBy":null}],"nextCursor":null}`), []string{"k1"}},
		"compressed":              {compressed(`{"keys":[` + key + `}]}`), []string{"k1"}},
	} {
		t.Run(name, func(t *testing.T) {
			keys, err := hostile(t, row.answer).ListAPIKeys(t.Context())
			require.NoError(t, err)
			ids := []string{}
			for _, key := range keys {
				ids = append(ids, key.ID)
			}
			require.Equal(t, row.want, ids)
		})
	}
}

// A key that is made while the list is read pushes another onto the next page, where it is seen again.
func TestAListThatChangesBetweenTwoPagesHoldsNothingTwice(t *testing.T) {
	client := hostile(t, func(w http.ResponseWriter, r *http.Request) {
		page := []object{keyJSON("k1"), keyJSON("k2")}
		var next any = "more"
		if r.URL.Query().Get("cursor") == "more" {
			again := keyJSON("k2")
			again["revoked"] = true
			page, next = []object{again, keyJSON("k3")}, nil
		}
		reply(http.StatusOK, object{"keys": page, "nextCursor": next})(w, r)
	})
	keys, err := client.ListAPIKeys(t.Context())
	require.NoError(t, err)
	require.Len(t, keys, 3)
	require.Equal(t, "k2", keys[1].ID)
	require.True(t, keys[1].Revoked, "the later look counts")
}

func FuzzAnswers(f *testing.F) {
	f.Add(200, "application/json", []byte(`{"keys":[{"keyId":"k","scopes":["*"]}],"nextCursor":"c"}`))
	f.Add(200, "application/json", []byte(`{"members":[{"email":"a@b.c","role":"owner"}]}`))
	f.Add(201, "application/json", []byte(`{"keyId":"k","apiKey":"s","organizationId":"o","email":"e"}`))
	f.Add(204, "", []byte{})
	f.Add(412, "application/problem+json", []byte(`{"title":"t","status":"x","retryAfter":-1}`))
	f.Add(429, "application/problem+json", []byte(`{"title":"t","retryAfter":1e300}`))
	f.Add(500, "text/html", []byte("\xff\xfe\x00"))
	f.Fuzz(func(t *testing.T, status int, contentType string, body []byte) {
		if status < 200 || status > 599 || strings.ContainsAny(contentType, "\r\n\x00") {
			return
		}
		client := hostile(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.Header().Set("ETag", contentType)
			w.WriteHeader(status)
			_, _ = w.Write(body)
		})
		for call, do := range everyCall {
			if err := do(t.Context(), client); err != nil {
				require.NotContains(t, err.Error(), hostileToken, call)
				require.Less(t, len(err.Error()), len(body)+2000, call)
				if status < http.StatusMultipleChoices {
					require.NotErrorIs(t, err, terrascale.ErrNotFound, "%s: success means that nothing is gone", call)
				}
			}
		}
	})
}

// A listing whose pages are anything ends: it gives an error, or what all pages held, each once and with an id. Nothing in it may look as if a
// thing were gone.
func FuzzListing(f *testing.F) {
	const key = `{"keyId":"k1","name":"n","scopes":["*"],"createdAt":"2026-01-01T00:00:00Z"}`
	for _, pages := range []string{
		`{"keys":[` + key + `]}`, `{"keys":[` + key + `],"nextCursor":"a"}` + "\n" + `{"keys":[` + key + `],"nextCursor":"a"}`, `{"keys":[],"nextCursor":"a"}` + "\n" + `{"keys":null}`,
		`{"nextCursor":"a"}`, `{"keys":[{}]}`, `{"keys":[{"keyId":""}]}`, `{"keys":[null]}`, `{"keys":[` + key + `],"nextCursor":""}` + "\n{}", "null", "", `{"keys":[` + key + `],"nextCursor":"a"}` + "\n<html>",
		`{"keys":[` + key + `],"nextCursor":"a"}` + "\n" + `{"keys":[` + strings.ReplaceAll(key, "k1", "k2") + `]}`, `{"keys":[{"keyId":"k1"}],"KEYS":[{"keyId":"k2"}]}`,
	} {
		f.Add([]byte(pages))
	}
	f.Fuzz(func(t *testing.T, pages []byte) {
		bodies := bytes.Split(pages, []byte("\n"))
		var asked atomic.Int64
		client := hostile(t, func(w http.ResponseWriter, _ *http.Request) {
			page := min(int(asked.Add(1)), len(bodies)) - 1 // The last page comes again and again.
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(bodies[page])
		})
		keys, err := client.ListAPIKeys(t.Context())
		require.LessOrEqual(t, asked.Load(), int64(2*len(bodies)+4), "it goes on and on")
		if err != nil {
			require.Empty(t, keys)
			require.NotErrorIs(t, err, terrascale.ErrNotFound)
			require.NotContains(t, err.Error(), hostileToken)
			return
		}
		seen := map[string]bool{}
		for _, key := range keys {
			require.NotEmpty(t, key.ID, "%q", pages)
			require.False(t, seen[key.ID], "twice: %q", pages)
			seen[key.ID] = true
			require.Contains(t, string(pages), "eyId")
		}
	})
}
