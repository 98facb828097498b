// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package delayproxy puts a server as far away as a test, or a benchmark, wants it.
package delayproxy

import (
	"fmt"
	"io"
	"net"
	"time"
)

// Proxy stands between a client and a server, and adds to each round trip, that of connecting included, what a
// network in between would.
type Proxy struct {
	listener net.Listener
	target   string
	delay    time.Duration
}

// New listens on loopback until it is closed.
func New(target string, delay time.Duration) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // It listens until it is closed.
	if err != nil {
		return nil, fmt.Errorf("listen for the delayed connections: %w", err)
	}
	p := &Proxy{listener: listener, target: target, delay: delay}
	go p.serve()
	return p, nil
}

// Port is where it listens.
func (p *Proxy) Port() int {
	address, _ := p.listener.Addr().(*net.TCPAddr)
	return address.Port
}

// Close ends the listening; connections end with their clients.
func (p *Proxy) Close() error { return p.listener.Close() }

func (p *Proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.forward(client)
	}
}

func (p *Proxy) forward(client net.Conn) {
	defer func() { _ = client.Close() }()
	time.Sleep(p.delay)                      // A client waits for the server's answer before it may send.
	server, err := net.Dial("tcp", p.target) //nolint:noctx // The connection ends with the client.
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	go func() {
		p.late(client, server)
		_ = server.Close()
	}()
	_, _ = io.Copy(client, server)
}

// chunk is what was read at once, and when it is due on the other side.
type chunk struct {
	content []byte
	due     time.Time
}

// late copies what the client sends, each part as late as the delay says. What is sent meanwhile waits no longer for it.
func (p *Proxy) late(client io.Reader, server io.Writer) {
	chunks := make(chan chunk, 1024)
	go func() {
		defer close(chunks)
		for {
			buffer := make([]byte, 64*1024)
			n, err := client.Read(buffer)
			if n > 0 {
				chunks <- chunk{buffer[:n], time.Now().Add(p.delay)}
			}
			if err != nil {
				return
			}
		}
	}()
	var err error
	for c := range chunks {
		time.Sleep(time.Until(c.due))
		if err == nil { // After an error the rest is taken all the same, so that the reader ends.
			_, err = server.Write(c.content)
		}
	}
}
