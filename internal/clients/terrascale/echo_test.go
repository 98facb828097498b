// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// echoes answer with what they were sent, in every part of an answer whose words an error may hold.
var echoes = map[string]func(w http.ResponseWriter, r record){
	"a problem": func(w http.ResponseWriter, r record) {
		write(w, 400, "application/problem+json", object{"title": r.Body, "detail": r.Body + r.Authorization, "instance": r.Body, "type": r.Authorization})
	},
	"HTML": func(w http.ResponseWriter, r record) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write([]byte("<pre>" + html.EscapeString(r.Body) + "\n" + r.Authorization + "</pre>"))
	},
	"HTML of quotes": func(w http.ResponseWriter, r record) {
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write([]byte(strings.ReplaceAll(html.EscapeString(r.Body), "&#34;", "&quot;")))
	},
	"a content type": func(w http.ResponseWriter, r record) {
		w.Header().Set("Content-Type", "text/"+r.Body+r.Authorization)
		w.WriteHeader(http.StatusInternalServerError)
	},
	"a content type of success": func(w http.ResponseWriter, r record) {
		w.Header().Set("Content-Type", "text/"+r.Body+r.Authorization)
	},
	"a request id": func(w http.ResponseWriter, r record) {
		w.Header().Set("X-Request-Id", r.Body+r.Authorization)
		w.WriteHeader(http.StatusInternalServerError)
	},
	"a redirect": func(w http.ResponseWriter, r record) {
		w.Header().Set("Location", "/login/"+url.PathEscape(r.Body+r.Authorization))
		w.WriteHeader(http.StatusFound)
	},
	"a header's line": func(w http.ResponseWriter, r record) { raw(w, "HTTP/1.1 200 OK\r\n"+r.Body+r.Authorization+"\r\n\r\n") },
	"a status":        func(w http.ResponseWriter, r record) { raw(w, "HTTP/1.1 "+r.Body+r.Authorization+"\r\n\r\n") },
	"a protocol":      func(w http.ResponseWriter, r record) { raw(w, r.Body+r.Authorization+" 200 OK\r\n\r\n") },
	"a time": func(w http.ResponseWriter, r record) {
		write(w, 200, "application/json", object{"status": "Success", "authResponse": object{"accessToken": "t", "expiresIn": r.Body}, "keys": []object{{"keyId": "k", "createdAt": r.Authorization}}})
	},
}

// raw answers in words of its own.
func raw(w http.ResponseWriter, text string) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = connection.Write([]byte(text))
	_ = connection.Close()
}

func TestWhatIsSentInConfidenceIsInNoError(t *testing.T) {
	for name, echo := range echoes {
		for _, hidden := range []string{"token-4711-of-this-test", `p"a<ss>\w&rd'7é % of-this`} {
			t.Run(name+"/"+hidden, func(t *testing.T) {
				var logged []string
				config := terrascale.Config{Log: func(_ context.Context, message string, fields ...map[string]any) {
					logged = append(logged, message+fmt.Sprint(fields))
				}}
				said := echoed(t, echo, config, hidden)
				for _, text := range append(logged, said) {
					for _, spelling := range []string{hidden, html.EscapeString(hidden), url.PathEscape(hidden), strings.Trim(fmt.Sprintf("%q", hidden), `"`), base64.StdEncoding.EncodeToString([]byte(hidden))} {
						require.NotContains(t, text, spelling)
					}
				}
			})
		}
	}
}

// Passwords that are short or words: no error shows where in the service's words they stood.
func TestAShortPasswordDoesNotShowInAnError(t *testing.T) {
	for name, echo := range echoes {
		for _, hidden := range []string{"a", "ab", "not", "problem", "password"} {
			t.Run(name+"/"+hidden, func(t *testing.T) {
				said := echoed(t, echo, terrascale.Config{}, hidden)
				require.NotContains(t, said, secret.Redacted)
				require.NotContains(t, said, fmt.Sprintf(`:%q`, hidden))
				require.NotContains(t, said, fmt.Sprintf(`:\"%s`, hidden))
			})
		}
	}
}

// echoed gives the error of a client that logs in with a password, at a service that says what it was sent.
func echoed(t *testing.T, echo func(http.ResponseWriter, record), config terrascale.Config, password string) string {
	t.Helper()
	s := serve(t, nil)
	answer := func(w http.ResponseWriter, _ *http.Request) {
		all := s.calls("")
		echo(w, all[len(all)-1])
	}
	s.mu.Lock()
	s.handlers = map[string]http.HandlerFunc{login: answer, listKeys: answer}
	s.mu.Unlock()
	if !strings.ContainsAny(password, ` "`) && strings.HasPrefix(password, "token") {
		config.AccessToken = secret.New(password)
	} else {
		config.Email, config.Password = "ops@example.com", secret.New(password)
	}
	config.Endpoint = s.URL
	client, err := terrascale.New(config)
	require.NoError(t, err)
	_, err = client.ListAPIKeys(t.Context())
	require.Error(t, err)
	return err.Error()
}
