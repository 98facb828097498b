// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package redis

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/redis/go-redis/v9"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/probe"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// ErrURL says that go-redis can't read a URL. Its own words quote parts of it, and are left out.
var ErrURL = errors.New("the driver can't read the connection string")

// Probe connects with a URL as go-redis reads it, and looks at what the login may do. It writes nothing (see
// attempts), and calls connected once the server has answered.
func Probe(ctx context.Context, url secret.String, connected func()) (probe.Report, error) {
	options, err := redis.ParseURL(url.Reveal())
	if err != nil {
		return probe.Report{}, ErrURL
	}
	quiet.Do(func() { redis.SetLogger(silence{}) })
	// One connection, one attempt, and the caller's time for both; the rest is as the URL says.
	options.PoolSize, options.MaxRetries, options.DisableIdentity = 1, -1, true
	options.ContextTimeoutEnabled = true
	var state *tls.ConnectionState
	options.Dialer = func(ctx context.Context, network, address string) (net.Conn, error) {
		if options.TLSConfig == nil {
			return (&net.Dialer{}).DialContext(ctx, network, address)
		}
		connection, err := (&tls.Dialer{Config: options.TLSConfig}).DialContext(ctx, network, address)
		if encrypted, ok := connection.(*tls.Conn); ok && err == nil {
			seen := encrypted.ConnectionState()
			state = &seen
		}
		return connection, err
	}
	client := redis.NewClient(options)
	defer func() { _ = client.Close() }()
	err = client.Ping(ctx).Err()
	if errors.Is(err, io.EOF) && options.TLSConfig == nil {
		return probe.Report{}, fmt.Errorf("the server ended the connection without an answer, as one does that wants TLS (rediss://): %w", err)
	}
	if err != nil {
		return probe.Report{}, err
	}
	connected()
	report := probe.Report{Username: options.Username}
	if state != nil {
		report.TLS = probe.NewTLS(*state, !options.TLSConfig.InsecureSkipVerify)
	}
	if report.Username == "" {
		report.Username = defaultUser
	}
	if hello, err := client.Do(ctx, "HELLO").Result(); err == nil {
		report.ServerVersion = versionOf(hello)
	}
	report.Writable, report.Unknown = mayWrite(ctx, client)
	return report, nil
}

// versionOf reads the version out of the answer to HELLO, a map or a list of names and values.
func versionOf(hello any) string {
	switch fields := hello.(type) {
	case map[any]any:
		return fmt.Sprint(fields["version"])
	case []any:
		for i := 0; i+1 < len(fields); i += 2 {
			if fields[i] == "version" {
				return fmt.Sprint(fields[i+1])
			}
		}
	}
	return ""
}
