// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

func TestEndpoint(t *testing.T) {
	for endpoint, says := range map[string]string{
		"":                                 "",
		"https://api.example.com":          "",
		"https://proxy.example.com/prefix": "",
		"http://localhost:8080":            "",
		"http://LOCALHOST":                 "",
		"http://127.0.0.1:1":               "",
		"http://127.8.9.10":                "",
		"http://[::1]:8080":                "",
		"http://[::ffff:127.0.0.1]:8080":   "",
		"http://api.example.com":           "use https://",
		"http://127.0.0.1.example.com":     "use https://",
		"http://localhost.example.com":     "use https://",
		"http://0.0.0.0":                   "use https://",
		"http://10.0.0.1":                  "use https://",
		"ftp://api.example.com":            "must start with https://",
		"api.example.com":                  "names no host",
		"https://":                         "names no host",
		"https:///path":                    "names no host",
		"https://user:hunter2@example.com": "must not contain a user name or password",
		"https://example.com?a=b":          "must not contain a query",
		"https://example.com?":             "must not contain a query",
		"https://example.com#a":            "must not contain a query or a fragment",
		"https://exa mple.com:hunter2":     "is not a URL",
	} {
		t.Run(endpoint, func(t *testing.T) {
			client, err := terrascale.New(terrascale.Config{Endpoint: endpoint})
			if says == "" {
				require.NoError(t, err)
				require.NotEmpty(t, client.Endpoint())
				return
			}
			require.ErrorIs(t, err, terrascale.ErrInvalidConfig)
			require.ErrorContains(t, err, says)
			require.NotContains(t, err.Error(), "hunter2")
		})
	}
}

func TestInvalidConfig(t *testing.T) {
	for says, config := range map[string]terrascale.Config{
		"max retries":     {MaxRetries: -1},
		"request timeout": {RequestTimeout: -time.Second},
		"white space":     {AccessToken: secret.New("two words")},
	} {
		_, err := terrascale.New(config)
		require.ErrorIs(t, err, terrascale.ErrInvalidConfig)
		require.ErrorContains(t, err, says)
		require.NotContains(t, err.Error(), "two words")
	}
}

func TestEndpointWithPrefixAndUserAgent(t *testing.T) {
	s := serve(t, map[string]http.HandlerFunc{"GET /prefix/api/v1/management/apikeys": noKeys})
	client, err := terrascale.New(terrascale.Config{
		Endpoint: s.URL + "/prefix", AccessToken: secret.New("token-1"), UserAgent: "provider/1.2.3 terraform/1.14",
	})
	require.NoError(t, err)
	_, err = client.ListAPIKeys(t.Context())
	require.NoError(t, err)
	require.Equal(t, "provider/1.2.3 terraform/1.14", s.calls("")[0].Header.Get("User-Agent"))
}

func TestTLS(t *testing.T) {
	start := func(maxVersion uint16) (*httptest.Server, *x509.CertPool, *int) {
		served := 0
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			served++
			noKeys(w, r)
		}))
		server.TLS = &tls.Config{MaxVersion: maxVersion}
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		t.Cleanup(server.Close)
		pool := x509.NewCertPool()
		pool.AddCert(server.Certificate())
		return server, pool, &served
	}
	list := func(endpoint string, roots *x509.CertPool) ([]time.Duration, error) {
		client, err := terrascale.New(terrascale.Config{
			Endpoint: endpoint, AccessToken: secret.New("token-1"), RootCAs: roots, MaxRetries: 2,
		})
		require.NoError(t, err)
		var waits []time.Duration
		client.RecordWaits(func(d time.Duration) { waits = append(waits, d) })
		_, err = client.ListAPIKeys(t.Context())
		return waits, err
	}

	modern, modernRoots, modernServed := start(tls.VersionTLS13)
	_, err := list(modern.URL, modernRoots)
	require.NoError(t, err)
	require.Equal(t, 1, *modernServed)

	waits, err := list(modern.URL, x509.NewCertPool())
	require.ErrorIs(t, err, terrascale.ErrTLS)
	require.Empty(t, waits, "an untrusted certificate is no passing failure")
	require.Equal(t, 1, *modernServed)

	dated, datedRoots, datedServed := start(tls.VersionTLS12)
	waits, err = list(dated.URL, datedRoots)
	require.ErrorIs(t, err, terrascale.ErrTLS)
	require.Empty(t, waits)
	require.Zero(t, *datedServed)
}

func TestNewMakesNoCall(t *testing.T) {
	s := serve(t, nil)
	config := withPassword()
	config.OrganizationID = "org_1"
	newClient(t, s, config)
	require.Empty(t, s.calls(""))
}
