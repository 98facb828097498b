// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package devstack

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"

	"golang.org/x/crypto/ssh"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// bastionUser is whom a bastion lets in.
const bastionUser = "jump"

// Bastion is an SSH server in this process that lets one user through to where that user asks to go, and does nothing else.
type Bastion struct {
	Host string
	Port int
	User string
	// PrivateKey is the user's, in OpenSSH's form.
	PrivateKey secret.String
	// HostKey is the bastion's own public key, as a line of authorized_keys, and Fingerprint its SHA-256.
	HostKey, Fingerprint string

	config   *ssh.ServerConfig
	listener net.Listener

	mu       sync.Mutex
	open     map[net.Conn]bool
	accepted int
	targets  []string
}

// NewBastion starts a bastion with keys of its own on loopback.
func NewBastion() (*Bastion, error) {
	_, hostKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the bastion's key: %w", err)
	}
	host, err := ssh.NewSignerFromKey(hostKey)
	if err != nil {
		return nil, fmt.Errorf("read the bastion's key: %w", err)
	}
	userPublic, userKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the user's key: %w", err)
	}
	allowed, err := ssh.NewPublicKey(userPublic)
	if err != nil {
		return nil, fmt.Errorf("read the user's key: %w", err)
	}
	block, err := ssh.MarshalPrivateKey(userKey, bastionUser)
	if err != nil {
		return nil, fmt.Errorf("encode the user's key: %w", err)
	}
	config := &ssh.ServerConfig{PublicKeyCallback: func(c ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if c.User() != bastionUser || !bytes.Equal(key.Marshal(), allowed.Marshal()) {
			return nil, errors.New("nobody known")
		}
		return &ssh.Permissions{}, nil
	}}
	config.AddHostKey(host)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return nil, fmt.Errorf("listen: unexpected address %s", listener.Addr())
	}
	b := &Bastion{
		Host: "127.0.0.1", Port: address.Port, User: bastionUser, PrivateKey: secret.New(string(pem.EncodeToMemory(block))),
		HostKey:     string(bytes.TrimSpace(ssh.MarshalAuthorizedKey(host.PublicKey()))),
		Fingerprint: ssh.FingerprintSHA256(host.PublicKey()),
		config:      config, listener: listener, open: map[net.Conn]bool{},
	}
	go b.serve()
	return b, nil
}

// Close stops the bastion and ends its connections.
func (b *Bastion) Close() error {
	err := b.listener.Close()
	b.Drop()
	return err
}

// Drop ends all connections, as a bastion does that is started anew.
func (b *Bastion) Drop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for connection := range b.open {
		_ = connection.Close()
	}
}

// Accepted counts the connections that were let in since the start.
func (b *Bastion) Accepted() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.accepted
}

// Open counts the connections that are open now.
func (b *Bastion) Open() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.open)
}

// Targets lists the addresses that were asked for, in order.
func (b *Bastion) Targets() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string{}, b.targets...)
}

func (b *Bastion) serve() {
	for {
		connection, err := b.listener.Accept()
		if err != nil {
			return
		}
		go b.serveOne(connection)
	}
}

func (b *Bastion) serveOne(connection net.Conn) {
	b.mu.Lock()
	b.open[connection] = true
	b.mu.Unlock()
	defer func() {
		_ = connection.Close()
		b.mu.Lock()
		delete(b.open, connection)
		b.mu.Unlock()
	}()
	_, channels, requests, err := ssh.NewServerConn(connection, b.config)
	if err != nil {
		return
	}
	b.mu.Lock()
	b.accepted++
	b.mu.Unlock()
	go ssh.DiscardRequests(requests)
	for channel := range channels {
		go b.forward(channel)
	}
}

// forward serves one request for a connection (RFC 4254, 7.2).
func (b *Bastion) forward(requested ssh.NewChannel) {
	var asked struct {
		Host       string
		Port       uint32
		Origin     string
		OriginPort uint32
	}
	if requested.ChannelType() != "direct-tcpip" || ssh.Unmarshal(requested.ExtraData(), &asked) != nil {
		_ = requested.Reject(ssh.UnknownChannelType, "connections only")
		return
	}
	address := net.JoinHostPort(asked.Host, strconv.FormatUint(uint64(asked.Port), 10))
	b.mu.Lock()
	b.targets = append(b.targets, address)
	b.mu.Unlock()
	target, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", address)
	if err != nil {
		_ = requested.Reject(ssh.ConnectionFailed, err.Error())
		return
	}
	channel, requests, err := requested.Accept()
	if err != nil {
		_ = target.Close()
		return
	}
	go ssh.DiscardRequests(requests)
	relay := func(to io.WriteCloser, from io.Reader) {
		_, _ = io.Copy(to, from)
		_ = target.Close()
		_ = channel.Close()
	}
	go relay(channel, target)
	relay(target, channel)
}
