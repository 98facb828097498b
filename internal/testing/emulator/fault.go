// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Fault makes matching requests go wrong. The parts of what goes wrong combine; the empty ones do nothing.
//
// net/http's client repeats a GET by itself when a connection that it used before breaks without an answer, and the
// repetition counts as a request of its own.
type Fault struct {
	// Which requests: all three must match, an empty one matches everything.
	Method    string
	Path      string // as sent, each * for one segment, a last ** for any rest: /api/v1/organizations/*/members/**
	Operation string // the operationId in openapi.yaml

	Skip  int // how many matching requests pass unharmed first
	Times int // how many then go wrong; 0 means one, a negative number means all

	Delay      time.Duration // wait before anything else, in real time; ends when the client goes
	DropBefore bool          // close the connection, and carry nothing out
	Status     int           // answer this, and carry nothing out
	Header     http.Header   // with Status; Content-Type is application/problem+json where it is not said
	Body       string        // with Status; a problem of that status where it is empty
	CarryOut   bool          // with Status: carry the request out all the same
	DropAfter  bool          // carry the request out, then close the connection without an answer
	Truncate   bool          // carry the request out, then close the connection in the middle of the answer's body
}

func (f Fault) matches(r *http.Request, operation string) bool {
	return (f.Method == "" || f.Method == r.Method) &&
		(f.Operation == "" || f.Operation == operation) &&
		(f.Path == "" || pathMatches(f.Path, r.URL.EscapedPath()))
}

func pathMatches(pattern, path string) bool {
	wanted, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	for index, segment := range wanted {
		if segment == "**" && index == len(wanted)-1 {
			return true
		}
		if index >= len(have) || segment != "*" && segment != have[index] {
			return false
		}
	}
	return len(wanted) == len(have)
}

func (f Fault) answer(answer *answer) {
	for name, values := range f.Header {
		answer.header[http.CanonicalHeaderKey(name)] = slices.Clone(values)
	}
	if answer.header.Get("Content-Type") == "" {
		answer.header.Set("Content-Type", "application/problem+json")
	}
	answer.status, answer.body = f.Status, []byte(f.Body)
	if f.Body == "" && f.Status != http.StatusNoContent {
		answer.body = problemBody(&problem{status: f.Status, detail: "A fault was injected."}, "")
	}
}

type faults struct {
	mutex   sync.Mutex
	pending []*Fault
}

// take finds the first fault that is due for a request and counts it; the zero Fault does nothing.
func (f *faults) take(r *http.Request, operation string) Fault {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	for index, fault := range f.pending {
		if !fault.matches(r, operation) {
			continue
		}
		if fault.Skip > 0 {
			fault.Skip--
			continue
		}
		taken := *fault
		if fault.Times--; fault.Times == 0 {
			f.pending = slices.Delete(f.pending, index, index+1)
		}
		return taken
	}
	return Fault{}
}

// Inject adds a fault behind those that are there. Of several that match a request, the first one is taken.
// The returned function removes it again; after its last time that does nothing.
func (s *Server) Inject(fault Fault) (remove func()) {
	if fault.Times == 0 {
		fault.Times = 1
	}
	injected := &fault
	s.faults.mutex.Lock()
	defer s.faults.mutex.Unlock()
	s.faults.pending = append(s.faults.pending, injected)
	return func() {
		s.faults.mutex.Lock()
		defer s.faults.mutex.Unlock()
		s.faults.pending = slices.DeleteFunc(s.faults.pending, func(other *Fault) bool { return other == injected })
	}
}

// ClearFaults removes every fault.
func (s *Server) ClearFaults() {
	s.faults.mutex.Lock()
	defer s.faults.mutex.Unlock()
	s.faults.pending = nil
}
