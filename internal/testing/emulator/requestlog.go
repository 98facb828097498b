// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// Request is one line of the request log. It has neither body nor header of the request.
type Request struct {
	Method    string
	Path      string // escaped, without the query
	Operation string // the operationId in openapi.yaml; "" where no operation matches
	Status    int    // 0: not answered, or not yet
	Time      time.Time
}

type requestLog struct {
	mutex    sync.Mutex
	requests []*Request
}

func (l *requestLog) begin(r *http.Request, operation string, now time.Time) *Request {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	entry := &Request{Method: r.Method, Path: r.URL.EscapedPath(), Operation: operation, Time: now}
	l.requests = append(l.requests, entry)
	// A long-running emulator forgets its oldest requests.
	if len(l.requests) > maxRequests {
		l.requests = slices.Delete(l.requests, 0, maxRequests/2)
	}
	return entry
}

const maxRequests = 100_000

func (l *requestLog) end(entry *Request, status int) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	entry.Status = status
}

// Requests lists what has arrived since the start or ResetRequests, in order of arrival, faults included.
func (s *Server) Requests() []Request {
	s.log.mutex.Lock()
	defer s.log.mutex.Unlock()
	copied := make([]Request, len(s.log.requests))
	for index, entry := range s.log.requests {
		copied[index] = *entry
	}
	return copied
}

// Connections is how many clients have connected since the start.
func (s *Server) Connections() int { return int(s.connections.Load()) }

// ResetRequests empties the request log.
func (s *Server) ResetRequests() {
	s.log.mutex.Lock()
	defer s.log.mutex.Unlock()
	s.log.requests = nil
}
