// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package delayproxy_test

import (
	"io"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/delayproxy"
)

// TestProxy sends what an echo gives back: each round trip is longer by the delay, what is sent together by no more.
func TestProxy(t *testing.T) {
	const delay = 50 * time.Millisecond
	echo, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = echo.Close() }()
	go func() {
		connection, err := echo.Accept()
		if err == nil {
			_, _ = io.Copy(connection, connection)
			_ = connection.Close()
		}
	}()
	proxy, err := delayproxy.New(echo.Addr().String(), delay)
	require.NoError(t, err)
	defer func() { require.NoError(t, proxy.Close()) }()

	start := time.Now()
	client, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(proxy.Port())))
	require.NoError(t, err)
	answer := make([]byte, 4)
	exchange := func(parts ...string) {
		for _, part := range parts {
			_, err := client.Write([]byte(part))
			require.NoError(t, err)
		}
		_, err := io.ReadFull(client, answer)
		require.NoError(t, err)
		require.Equal(t, "ping", string(answer))
	}
	exchange("ping")
	require.GreaterOrEqual(t, time.Since(start), 2*delay, "connecting is a round trip, too")
	start = time.Now()
	exchange("p", "i", "n", "g")
	took := time.Since(start)
	require.GreaterOrEqual(t, took, delay)
	require.Less(t, took, 4*delay, "what is sent together waits together")
	require.NoError(t, client.Close())
}
