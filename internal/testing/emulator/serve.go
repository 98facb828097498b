// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"net/http"
	"strconv"
	"time"
)

// ServeHTTP implements http.Handler. A fault that drops an answer panics with http.ErrAbortHandler, which net/http
// turns into a closed connection.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, pattern := s.mux.Handler(r)
	operation := operationOf(pattern)
	entry := s.log.begin(r, operation, s.options.Clock())
	fault := s.faults.take(r, operation)
	if fault.Delay > 0 && !wait(r, fault.Delay) {
		panic(http.ErrAbortHandler) // the client has gone
	}
	if fault.DropBefore {
		panic(http.ErrAbortHandler)
	}
	answer := newAnswer()
	if fault.Status != 0 {
		if fault.CarryOut {
			s.carryOut(newAnswer(), r, pattern)
		}
		fault.answer(answer)
	} else {
		s.carryOut(answer, r, pattern)
	}
	if fault.DropAfter {
		panic(http.ErrAbortHandler)
	}
	s.log.end(entry, answer.status)
	s.options.Logger.InfoContext(r.Context(), "request", "method", r.Method, "path", r.URL.EscapedPath(), "status", answer.status)
	answer.writeTo(w, fault.Truncate)
}

// carryOut lets the route write its answer. What no route takes gets a problem with the status that the mux gives it.
func (s *Server) carryOut(answer *answer, r *http.Request, pattern string) {
	if pattern != "" {
		s.mux.ServeHTTP(answer, r)
		return
	}
	c := s.newCall(answer, r, route{})
	if err := c.limitAnonymous(); err != nil {
		c.fail(err)
		return
	}
	missed := newAnswer()
	s.mux.ServeHTTP(missed, r)
	if allow := missed.header.Get("Allow"); allow != "" {
		answer.header.Set("Allow", allow)
	}
	c.fail(&problem{status: missed.status, detail: "There is no " + r.Method + " " + r.URL.EscapedPath() + "."})
}

func (s *Server) handle(route route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := s.newCall(w, r, route)
		err := c.authenticate()
		if err == nil {
			err = route.handler(c)
		}
		if err != nil {
			c.fail(err)
		}
	}
}

// operations gives each mux pattern its operation.
var operations = func() map[string]string {
	names := map[string]string{}
	for _, route := range routes() {
		names[route.method+" "+route.path] = route.operation
	}
	return names
}()

func operationOf(pattern string) string { return operations[pattern] }

func wait(r *http.Request, delay time.Duration) bool {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// answer holds a whole answer back, so that a fault can drop or cut it after the call was carried out.
type answer struct {
	header http.Header
	status int
	body   []byte
}

func newAnswer() *answer { return &answer{header: http.Header{}} }

// Header implements http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write implements http.ResponseWriter.
func (a *answer) Write(part []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	a.body = append(a.body, part...)
	return len(part), nil
}

func (a *answer) writeTo(w http.ResponseWriter, truncate bool) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	if len(a.body) > 0 {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	if !truncate {
		_, _ = w.Write(a.body) // a client that has gone is nobody's error
		return
	}
	_, _ = w.Write(a.body[:len(a.body)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}
