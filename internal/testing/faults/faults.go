// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package faults puts something that fails between the provider and a server: a network, a stranger's certificate, or a box that answers in the
// service's name. The network is Toxiproxy's.
package faults

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Protocol is what a server speaks.
type Protocol string

// The servers that the provider talks to.
const (
	HTTPS      Protocol = "https"
	PostgreSQL Protocol = "postgresql"
	MySQL      Protocol = "mysql"
	Redis      Protocol = "redis"
)

// Traffic is what a run sends and gets, in bytes of all connections, and how long that takes, when nothing fails.
type Traffic struct {
	Sent, Received int64
	Lasted         time.Duration
}

// Fault is one way to fail.
type Fault struct {
	// Name is what the reliability guide calls it.
	Name string
	// OnlyService is set where it takes HTTP.
	OnlyService bool
	// MustFail is set where a run that succeeds has not looked.
	MustFail bool
	// IsRandom is set where it comes at a random moment.
	IsRandom bool

	// toxics gives what Toxiproxy does. A cut is at a random place of the traffic.
	toxics func(random *rand.Rand, clean Traffic) []toxic
	// host is where the provider looks for the server.
	host string
	// refuses is set where nobody listens.
	refuses bool
	// certificate is what a stranger shows who listens in the server's place.
	certificate certificateKind
	lie         Lie
}

func fixed(all ...toxic) func(*rand.Rand, Traffic) []toxic {
	return func(*rand.Rand, Traffic) []toxic { return all }
}

func within(random *rand.Rand, total int64) int64 { return random.Int64N(max(total, 1)) }

const loopback = "127.0.0.1"

// All lists the faults.
func All() []Fault {
	const up, down = "upstream", "downstream"
	cutRequest := func(toxicity float32) func(*rand.Rand, Traffic) []toxic {
		return func(random *rand.Rand, clean Traffic) []toxic {
			return []toxic{{Type: "limit_data", Stream: up, Toxicity: toxicity, Attributes: attributes{"bytes": within(random, clean.Sent)}}}
		}
	}
	cutAnswer := func(toxicity float32) func(*rand.Rand, Traffic) []toxic {
		return func(random *rand.Rand, clean Traffic) []toxic {
			return []toxic{{Type: "limit_data", Stream: down, Toxicity: toxicity, Attributes: attributes{"bytes": within(random, clean.Received)}}}
		}
	}
	all := []Fault{
		{Name: "latency of 60 to 120 ms each way", toxics: fixed(
			toxic{Type: "latency", Stream: up, Attributes: attributes{"latency": 90, "jitter": 30}},
			toxic{Type: "latency", Stream: down, Attributes: attributes{"latency": 90, "jitter": 30}})},
		{Name: "8 kB/s", toxics: fixed(
			toxic{Type: "bandwidth", Stream: up, Attributes: attributes{"rate": 8}}, toxic{Type: "bandwidth", Stream: down, Attributes: attributes{"rate": 8}})},
		{Name: "packets of a few bytes", toxics: fixed(
			toxic{Type: "slicer", Stream: up, Attributes: attributes{"average_size": 48, "size_variation": 32, "delay": 500}},
			toxic{Type: "slicer", Stream: down, Attributes: attributes{"average_size": 48, "size_variation": 32, "delay": 500}})},
		{Name: "reset after a random time", IsRandom: true, toxics: func(random *rand.Rand, clean Traffic) []toxic {
			return []toxic{{Type: "reset_peer", Stream: down, Attributes: attributes{"timeout": within(random, clean.Lasted.Milliseconds())}}}
		}},
		{Name: "reset at once", toxics: fixed(toxic{Type: "reset_peer", Stream: up, Attributes: attributes{"timeout": 0}})},
		{Name: "cut in a request", IsRandom: true, toxics: cutRequest(1)},
		{Name: "cut in an answer", IsRandom: true, toxics: cutAnswer(1)},
		{Name: "every other connection cut in a request", IsRandom: true, toxics: cutRequest(0.5)},
		{Name: "every other connection cut in an answer", IsRandom: true, toxics: cutAnswer(0.5)},
		{Name: "slow close", toxics: fixed(
			toxic{Type: "slow_close", Stream: up, Attributes: attributes{"delay": 2000}}, toxic{Type: "slow_close", Stream: down, Attributes: attributes{"delay": 2000}})},
		{Name: "black hole", MustFail: true, toxics: fixed(
			toxic{Type: "timeout", Stream: up, Attributes: attributes{"timeout": 0}}, toxic{Type: "timeout", Stream: down, Attributes: attributes{"timeout": 0}})},
		{Name: "half-open connection", MustFail: true, toxics: fixed(toxic{Type: "timeout", Stream: down, Attributes: attributes{"timeout": 0}})},
		{Name: "half-open after a random answer", IsRandom: true, toxics: func(random *rand.Rand, clean Traffic) []toxic {
			return []toxic{{Type: stallType, Stream: down, Attributes: attributes{"bytes": within(random, clean.Received)}}}
		}},
		{Name: "nobody listens", MustFail: true, refuses: true},
		{Name: "the name does not resolve", MustFail: true, host: "server.terrascale.invalid"},
		{Name: "certificate has expired", MustFail: true, certificate: expired},
		{Name: "certificate of another host", MustFail: true, certificate: otherHost},
		{Name: "certificate of a stranger's authority", MustFail: true, certificate: stranger},
	}
	for _, lie := range lies() {
		all = append(all, Fault{Name: lie.Name, OnlyService: true, IsRandom: lie.tell != nil, lie: lie})
	}
	return all
}

// Target is a server that something is put before.
type Target struct {
	Protocol Protocol
	// Address is where the server listens, and Port where the way to it begins, whatever the fault.
	Address string
	Port    int
	// Box is what stands before the service; nil for databases.
	Box *Middlebox
	// Authority signs what a stranger shows.
	Authority Authority
}

// Way is how to a server: where the provider is told to look for it.
type Way struct {
	Host string
	Port int
	// Fooled tells whether a stranger's certificate was taken.
	Fooled func() bool
	Close  func()
	meter  func() (sent, received int64)
}

// Traffic tells what went by, in bytes.
func (w *Way) Traffic() (sent, received int64) { return w.meter() }

// Open is the way on which nothing fails.
func Open(target Target) (*Way, error) { return Fault{}.Before(target, nil, Traffic{}) }

// Before puts the fault before a server, until the way is closed. The traffic says where a cut can be.
func (f Fault) Before(target Target, random *rand.Rand, clean Traffic) (*Way, error) {
	var toxics []toxic
	if f.toxics != nil {
		toxics = f.toxics(random, clean)
	}
	way := &Way{Host: loopback, Fooled: func() bool { return false }}
	if f.certificate != "" {
		s, err := listenAsStranger(target, f.certificate)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		way.Port, way.Close, way.Fooled, way.meter = target.Port, s.close, s.fooled.Load, func() (int64, int64) { return 0, 0 }
		return way, nil
	}
	n, err := startNetwork(target.Port, target.Address, toxics)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	way.Port, way.meter, way.Close = n.port, n.traffic, n.stop
	if f.refuses {
		n.stop()
		way.Close = func() {}
	}
	if f.host != "" {
		way.Host = f.host
	}
	if target.Box != nil {
		target.Box.tell(f.lie, random)
		way.Close = func() {
			target.Box.tell(Lie{}, nil)
			n.stop()
		}
	}
	return way, nil
}
