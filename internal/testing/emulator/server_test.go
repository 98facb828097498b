// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

func TestTLS(t *testing.T) {
	t.Parallel()
	lender := httptest.NewTLSServer(http.NotFoundHandler()) // for its certificate, and a client that trusts it
	defer lender.Close()
	server, _ := start(t, func(o *emulator.Options) {
		o.TLS = &tls.Config{Certificates: lender.TLS.Certificates, MinVersion: tls.VersionTLS13}
	})
	require.True(t, strings.HasPrefix(server.URL(), "https://127.0.0.1:"))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL()+"/health", nil)
	require.NoError(t, err)
	response, err := lender.Client().Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, uint16(tls.VersionTLS13), response.TLS.Version)
}

func TestStartAndShutdown(t *testing.T) {
	t.Parallel()
	server, err := emulator.New(emulator.Options{})
	require.NoError(t, err)
	require.Empty(t, server.URL())
	require.NoError(t, server.Start())
	require.ErrorContains(t, server.Start(), "started already")
	address := strings.TrimPrefix(server.URL(), "http://")
	other, err := emulator.New(emulator.Options{Address: address})
	require.NoError(t, err)
	require.ErrorContains(t, other.Start(), address)

	server.Inject(emulator.Fault{Delay: 50 * time.Millisecond})
	owner := asOwner(t, server)
	done := make(chan int, 1)
	go func() {
		status, _, _, _ := owner.send(http.MethodGet, orgPath, nil)
		done <- status
	}()
	require.Eventually(t, func() bool { return len(server.Requests()) == 1 }, 10*time.Second, time.Millisecond)
	require.NoError(t, server.Shutdown(t.Context()))
	require.Equal(t, http.StatusOK, <-done, "a running request ends first")
}

func TestShutdownEndsWithItsContext(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	server.Inject(emulator.Fault{Delay: time.Hour})
	owner := asOwner(t, server)
	done := make(chan error, 1)
	go func() {
		_, _, _, err := owner.send(http.MethodGet, orgPath, nil)
		done <- err
	}()
	require.Eventually(t, func() bool { return len(server.Requests()) == 1 }, 10*time.Second, time.Millisecond)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, server.Shutdown(ctx), context.Canceled)
	require.Error(t, <-done)
}

func TestServesAsAHandler(t *testing.T) {
	t.Parallel()
	server, err := emulator.New(emulator.Options{})
	require.NoError(t, err)
	recorder := httptest.NewRecorder()
	server.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/health", nil))
	require.Equal(t, http.StatusOK, recorder.Code)
}

func TestNothingShowsASecret(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	server, _ := start(t, func(o *emulator.Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	owner := asOwner(t, server)
	created := createKey(owner, oneKey)
	login(t, server, emulator.DefaultOwnerEmail, emulator.DefaultPassword)
	organization, _ := server.Organization(orgID)
	shown := fmt.Sprintf("%+v %+v %+v %+v %+v", emulator.DefaultSeed(), server.Requests(), server.APIKeys(orgID), server.Members(orgID), organization)
	require.NoError(t, server.Close()) // the log is complete
	require.Contains(t, log.String(), "/auth/password")
	for _, hidden := range []string{owner.bearer.Reveal(), created.APIKey, emulator.DefaultPassword, emulator.DefaultTOTPSecret} {
		require.NotContains(t, log.String(), hidden)
		require.NotContains(t, shown, hidden)
	}
}
