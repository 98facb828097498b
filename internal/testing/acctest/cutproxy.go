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

	mu   sync.Mutex
	left int
	// passed counts the client's messages that went on since the cut was last set.
	passed  int
	reached chan struct{}
	// answerOnly is set when the message that is cut at arrives, and its answer does not.
	answerOnly, silent bool
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
	p.left, p.passed, p.reached, p.answerOnly, p.silent = n, 0, make(chan struct{}), false, false
	return p.reached
}

// CutAnswerAt lets the client's next n messages and one more arrive, and holds back what the server says from there on. The
// channel is closed when it has answered.
func (p *CutProxy) CutAnswerAt(n int) (reached <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left, p.passed, p.reached, p.answerOnly, p.silent = n, 0, make(chan struct{}), true, false
	return p.reached
}

// Passed gives how many messages of the client there were since the cut was last set.
func (p *CutProxy) Passed() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.passed
}

// reach tells that the cut is made. The lock is held.
func (p *CutProxy) reach() {
	select {
	case <-p.reached:
	default:
		close(p.reached)
	}
}

// withholds reports whether what the server said stays here.
func (p *CutProxy) withholds() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.silent {
		p.reach()
	}
	return p.silent
}

// passes counts a message of the client, and reports whether it goes on.
func (p *CutProxy) passes() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.passed++
	switch {
	case p.left < 0:
		return true
	case p.left == 0 && p.answerOnly:
		p.silent = true
		return true
	case p.left == 0:
		p.reach()
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
		defer func() { _ = client.Close() }()
		answer := make([]byte, 64*1024)
		for {
			n, err := server.Read(answer)
			if err != nil {
				return
			}
			if p.withholds() {
				_, _ = io.Copy(io.Discard, server)
				return
			}
			if _, err := client.Write(answer[:n]); err != nil {
				return
			}
		}
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
