// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package faults

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/Shopify/toxiproxy/v2/toxics"
	"github.com/rs/zerolog"
)

type attributes map[string]any

// toxic is one of Toxiproxy's, as its API takes it.
type toxic struct {
	Name       string     `json:"name"`
	Type       string     `json:"type"`
	Stream     string     `json:"stream"`
	Toxicity   float32    `json:"toxicity"`
	Attributes attributes `json:"attributes"`
}

const (
	meterType = "meter"
	stallType = "stall"
)

// meter counts what goes by.
type meter struct{ counted atomic.Int64 }

// Pipe implements toxics.Toxic.
func (m *meter) Pipe(stub *toxics.ToxicStub) {
	for {
		select {
		case <-stub.Interrupt:
			return
		case chunk := <-stub.Input:
			if chunk == nil {
				stub.Close()
				return
			}
			m.counted.Add(int64(len(chunk.Data)))
			stub.Output <- chunk
		}
	}
}

// stall lets a number of bytes of a connection by and then nothing, and leaves the connection open.
type stall struct {
	Bytes int `json:"bytes"`
}

// Pipe implements toxics.Toxic.
func (s *stall) Pipe(stub *toxics.ToxicStub) {
	left := s.Bytes
	for {
		select {
		case <-stub.Interrupt:
			return
		case chunk := <-stub.Input:
			if chunk == nil {
				stub.Close()
				return
			}
			if chunk.Data = chunk.Data[:min(left, len(chunk.Data))]; len(chunk.Data) > 0 {
				left -= len(chunk.Data)
				stub.Output <- chunk
			}
		}
	}
}

var register = sync.OnceFunc(func() {
	toxics.Register(meterType, new(meter))
	toxics.Register(stallType, new(stall))
})

// network is a proxy with toxics.
type network struct {
	proxy          *toxiproxy.Proxy
	port           int
	sent, received *meter
}

func startNetwork(port int, upstream string, chain []toxic) (*network, error) {
	register()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	n := &network{proxy: toxiproxy.NewProxy(server, upstream, net.JoinHostPort(loopback, strconv.Itoa(port)), upstream), port: port}
	for i, one := range append([]toxic{{Type: meterType, Stream: "upstream"}, {Type: meterType, Stream: "downstream"}}, chain...) {
		one.Name = strconv.Itoa(i)
		if one.Toxicity == 0 {
			one.Toxicity = 1
		}
		text, err := json.Marshal(one)
		if err != nil {
			return nil, fmt.Errorf("write a toxic: %w", err)
		}
		added, err := n.proxy.Toxics.AddToxicJson(bytes.NewReader(text))
		if err != nil {
			return nil, fmt.Errorf("add the toxic %s: %w", one.Type, err)
		}
		if counter, isMeter := added.Toxic.(*meter); isMeter && one.Stream == "upstream" {
			n.sent = counter
		} else if isMeter {
			n.received = counter
		}
	}
	if err := n.proxy.Start(); err != nil {
		return nil, fmt.Errorf("start the proxy: %w", err)
	}
	return n, nil
}

// ports are below those that a machine gives out by itself, so that one stays free while nobody listens there.
var ports atomic.Int64

const firstPort, lastPort = 20_000, 30_000

// Port gives a port for the ways to one server.
func Port() (int, error) {
	for range lastPort - firstPort {
		port := firstPort + int(ports.Add(1))%(lastPort-firstPort)
		if listener, err := net.Listen("tcp", net.JoinHostPort(loopback, strconv.Itoa(port))); err == nil { //nolint:noctx // It is closed at once.
			return port, listener.Close()
		}
	}
	return 0, errors.New("no port is free")
}

func (n *network) stop() { n.proxy.Stop() }

func (n *network) traffic() (sent, received int64) {
	return n.sent.counted.Load(), n.received.counted.Load()
}
