// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package faults

import (
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"time"
)

type certificateKind string

const (
	expired   certificateKind = "expired"
	otherHost certificateKind = "other host"
	stranger  certificateKind = "stranger"
)

// Authority signs certificates of servers.
type Authority interface {
	// ServerCertificate makes one that ends at a time, for names and addresses.
	ServerCertificate(ends time.Time, hosts ...string) (tls.Certificate, error)
}

// impostor listens in a server's place, as far as the certificate that it shows.
type impostor struct {
	listener net.Listener
	target   Target
	config   *tls.Config
	fooled   atomic.Bool
}

func listenAsStranger(target Target, kind certificateKind) (*impostor, error) {
	certificate, err := certificateOf(kind, target.Authority)
	if err != nil {
		return nil, fmt.Errorf("make the stranger's certificate: %w", err)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(loopback, strconv.Itoa(target.Port))) //nolint:noctx // It listens until it is closed.
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	s := &impostor{listener: listener, target: target, config: &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{certificate}}}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go s.meet(client)
		}
	}()
	return s, nil
}

func certificateOf(kind certificateKind, authority Authority) (tls.Certificate, error) {
	switch kind {
	case expired:
		return authority.ServerCertificate(time.Now().Add(-time.Minute), loopback)
	case otherHost:
		return authority.ServerCertificate(time.Now().Add(time.Hour), "other.example.com")
	default: // The one of Go's tests is for this address, and nobody's authority.
		server := httptest.NewTLSServer(nil)
		defer server.Close()
		return server.TLS.Certificates[0], nil
	}
}

func (s *impostor) close() { _ = s.listener.Close() }

// meet goes with a client to the point where it sees the certificate. What it sends after that, it has taken the certificate for.
func (s *impostor) meet(client net.Conn) {
	defer func() { _ = client.Close() }()
	if s.begin(client) != nil {
		return
	}
	secured := tls.Server(client, s.config)
	if secured.Handshake() != nil { //nolint:noctx // It ends with the client.
		return
	}
	// With TLS 1.3 the server's handshake is over before the client has looked.
	if n, _ := secured.Read(make([]byte, 1)); n > 0 {
		s.fooled.Store(true)
	}
}

// begin says what comes before TLS in a protocol.
func (s *impostor) begin(client net.Conn) error {
	switch s.target.Protocol {
	case PostgreSQL: // SSLRequest: length and code. The answer is one letter.
		if _, err := io.ReadFull(client, make([]byte, 8)); err != nil {
			return fmt.Errorf("read the request for TLS: %w", err)
		}
		if _, err := client.Write([]byte("S")); err != nil {
			return fmt.Errorf("agree to TLS: %w", err)
		}
	case MySQL: // The greeting is the server's own; the answer to it is a packet that asks for TLS.
		server, err := net.Dial("tcp", s.target.Address) //nolint:noctx // It ends with this function.
		if err != nil {
			return fmt.Errorf("reach the server: %w", err)
		}
		defer func() { _ = server.Close() }()
		if err := copyPacket(client, server); err != nil {
			return err
		}
		return copyPacket(io.Discard, client)
	case HTTPS, Redis: // Nothing.
	}
	return nil
}

// copyPacket copies a packet of MySQL's protocol: three bytes of length, a number, and the content.
func copyPacket(to io.Writer, from io.Reader) error {
	header := make([]byte, 4)
	if _, err := io.ReadFull(from, header); err != nil {
		return fmt.Errorf("read a packet's header: %w", err)
	}
	length := binary.LittleEndian.Uint32([]byte{header[0], header[1], header[2], 0})
	content := make([]byte, length)
	if _, err := io.ReadFull(from, content); err != nil {
		return fmt.Errorf("read a packet: %w", err)
	}
	if _, err := to.Write(append(header, content...)); err != nil {
		return fmt.Errorf("hand a packet on: %w", err)
	}
	return nil
}
