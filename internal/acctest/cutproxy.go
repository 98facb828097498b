// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"io"
	"net"
	"sync"
	"testing"
)

// CutProxy stands between a client and a server, and can hold the client up at any of its messages: a test then kills the
// client at that very step.
type CutProxy struct {
	listener net.Listener
	target   string

	mu      sync.Mutex
	left    int
	reached chan struct{}
}

// NewCutProxy listens on loopback, and forwards to an address until it is told otherwise.
func NewCutProxy(t *testing.T, target string) *CutProxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	p := &CutProxy{listener: listener, target: target, left: -1}
	go p.serve()
	return p
}

// Port is where it listens.
func (p *CutProxy) Port() int {
	address, _ := p.listener.Addr().(*net.TCPAddr)
	return address.Port
}

// CutAt holds the client's next messages but n back. The channel is closed when that happens.
func (p *CutProxy) CutAt(n int) (reached <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left, p.reached = n, make(chan struct{})
	return p.reached
}

// passes counts a message of the client, and reports whether it goes on.
func (p *CutProxy) passes() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.left < 0:
		return true
	case p.left == 0:
		select {
		case <-p.reached:
		default:
			close(p.reached)
		}
		return false
	default:
		p.left--
		return true
	}
}

func (p *CutProxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.forward(client)
	}
}

func (p *CutProxy) forward(client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	go func() {
		_, _ = io.Copy(client, server)
		_ = client.Close()
	}()
	buffer := make([]byte, 64*1024)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		if !p.passes() {
			// Wait for the client to be killed; what it said never arrives.
			_, _ = io.Copy(io.Discard, client)
			return
		}
		if _, err := server.Write(buffer[:n]); err != nil {
			return
		}
	}
}
