// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/crypto/ssh"
)

// bastion is the one SSH connection that all pools of a server share. It is opened when it is first used, and again when it
// broke. It is safe for concurrent use.
type bastion struct {
	settings SSH
	timeout  time.Duration
	// broken is called when the connection ends.
	broken func()
	// turn lets one caller at a time open the connection.
	turn chan struct{}

	mu     sync.Mutex
	client *ssh.Client
}

func newBastion(settings SSH, timeout time.Duration, broken func()) *bastion {
	return &bastion{settings: settings, timeout: timeout, broken: broken, turn: make(chan struct{}, 1)}
}

// carry makes a pool connect through the bastion, which resolves the server's name.
func (b *bastion) carry(config *pgxpool.Config) {
	config.ConnConfig.DialFunc = b.dial
	config.ConnConfig.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil }
}

// dial connects to an address as the bastion sees it.
func (b *bastion) dial(ctx context.Context, network, address string) (net.Conn, error) {
	client, isNew, err := b.open(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to the SSH bastion %s as %s: %w", b.settings.address(), b.settings.User, timedOut(ctx, err))
	}
	channel, err := client.DialContext(ctx, network, address)
	if err != nil && !isNew && ctx.Err() == nil && !isRefusal(err) {
		// The connection broke since it was last used.
		b.drop(client)
		return b.dial(ctx, network, address)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		go b.probe(client)
	}
	if err != nil {
		return nil, fmt.Errorf("reach %s through the SSH bastion %s: %w", address, b.settings.address(), timedOut(ctx, err))
	}
	return newTunnel(channel, network, address), nil
}

func timedOut(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ErrSSHNoAnswer
	}
	return err
}

// isRefusal reports whether the bastion is fine, and can't or won't connect to the server.
func isRefusal(err error) bool {
	var refusal *ssh.OpenChannelError
	return errors.As(err, &refusal)
}

// probe closes a connection that does not answer any more, so that the next use opens another one.
func (b *bastion) probe(client *ssh.Client) {
	timer := time.AfterFunc(b.timeout, func() { _ = client.Close() })
	defer timer.Stop()
	_, _, _ = client.SendRequest("keepalive@openssh.com", true, nil) // Any answer will do.
}

// open gives the connection; isNew is set when this call opened it.
func (b *bastion) open(ctx context.Context) (client *ssh.Client, isNew bool, err error) {
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
	b.mu.Lock()
	client = b.client
	b.mu.Unlock()
	if client != nil {
		return client, false, nil
	}
	if client, err = b.settings.connect(ctx); err != nil {
		return nil, false, err
	}
	b.mu.Lock()
	b.client = client
	b.mu.Unlock()
	go func() {
		_ = client.Wait()
		b.drop(client)
		b.broken()
	}()
	return client, true, nil
}

// connect opens an SSH connection. The library knows no context: the one given closes what it waits on.
func (s SSH) connect(ctx context.Context) (*ssh.Client, error) {
	config, err := s.clientConfig()
	if err != nil {
		return nil, err
	}
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.address())
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = connection.Close() })
	transport, channels, requests, err := ssh.NewClientConn(connection, s.address(), config)
	if !stop() {
		err = ctx.Err()
	}
	if err != nil {
		_ = connection.Close()
		return nil, err
	}
	return ssh.NewClient(transport, channels, requests), nil
}

// drop forgets a connection and closes it.
func (b *bastion) drop(client *ssh.Client) {
	b.mu.Lock()
	if b.client == client {
		b.client = nil
	}
	b.mu.Unlock()
	_ = client.Close()
}

// close ends the connection, if there is one.
func (b *bastion) close() {
	b.mu.Lock()
	client := b.client
	b.mu.Unlock()
	if client != nil {
		b.drop(client)
	}
}

// tunnel is one connection through a bastion. An SSH channel knows no deadlines, by which the PostgreSQL library ends what a
// context cancels, so that a pipe that knows them stands before it.
type tunnel struct {
	net.Conn
	remote tunnelAddress
}

// tunnelAddress is an address as the bastion sees it.
type tunnelAddress struct{ network, address string }

func (a tunnelAddress) Network() string { return a.network }
func (a tunnelAddress) String() string  { return a.address }

// RemoteAddr is where the PostgreSQL library sends the cancellation of a statement.
func (t *tunnel) RemoteAddr() net.Addr { return t.remote }

func newTunnel(channel net.Conn, network, address string) *tunnel {
	near, far := net.Pipe()
	relay := func(to, from net.Conn) {
		_, _ = io.Copy(to, from)
		_ = far.Close()
		_ = channel.Close()
	}
	go relay(channel, far)
	go relay(far, channel)
	return &tunnel{Conn: near, remote: tunnelAddress{network, address}}
}
