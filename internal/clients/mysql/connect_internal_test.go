// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// silent takes connections and says nothing.
func silent(t *testing.T) Config {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	address, _ := listener.Addr().(*net.TCPAddr)
	return Config{Host: "127.0.0.1", Port: address.Port, Username: "admin", Password: secret.New("x"), TLS: TLSOff}
}

func TestAServerThatSaysNothingIsGivenUp(t *testing.T) {
	settings, err := silent(t).settings()
	require.NoError(t, err)
	connector, err := mysql.NewConnector(settings)
	require.NoError(t, err)
	_, err = boundedConnector{connector, 50 * time.Millisecond}.Connect(t.Context())
	require.ErrorIs(t, err, ErrNoAnswer)
	require.EqualError(t, err, "connect: the server did not answer within 50ms")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = boundedConnector{connector, time.Hour}.Connect(ctx)
	require.ErrorIs(t, err, context.Canceled, "who gives up first is told so")
	require.NotErrorIs(t, err, ErrNoAnswer)
}
