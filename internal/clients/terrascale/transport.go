// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"syscall"
	"time"
)

// maxAnswer is the largest body that is read, in bytes after decompression.
const maxAnswer = 8 << 20

// ErrTLS means that there is no connection over TLS 1.3 to a host whose certificate is trusted.
var ErrTLS = errors.New("no trusted TLS 1.3 connection")

// attemptTransport makes one attempt: it bounds its time, the reading of the body included, and hands on a body
// that is wholly in memory, so that a broken one counts as a failed attempt.
type attemptTransport struct {
	next    http.RoundTripper
	timeout time.Duration
	log     func(context.Context, string, ...map[string]any)
}

// answer is a body in memory. It can be looked at again after it has been read.
type answer struct {
	io.Reader
	body []byte
}

// Close implements io.Closer.
func (*answer) Close() error { return nil }

// readAnswer returns the body of a response that came through attemptTransport.
func readAnswer(response *http.Response) ([]byte, error) {
	if buffered, ok := response.Body.(*answer); ok {
		return buffered.body, nil
	}
	return nil, fmt.Errorf("%w: its body was not read", ErrInvalidAnswer)
}

// RoundTrip implements http.RoundTripper.
func (t *attemptTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	parent := request.Context()
	op := operationOf(parent)
	ctx, cancel := context.WithTimeout(parent, t.timeout)
	defer cancel()

	// The trace's functions may run on other goroutines, and after RoundTrip has returned.
	var connected atomic.Bool
	var handshake atomic.Pointer[error]
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			if err != nil && !isConnectionError(err) {
				handshake.Store(&err)
			}
		},
	})

	response, err := t.attempt(request.WithContext(ctx))
	if err != nil {
		if connected.Load() {
			op.uncertain = true
		}
		switch {
		case parent.Err() != nil:
			err = parent.Err()
		case ctx.Err() != nil:
			err = fmt.Errorf("%w (%s)", ErrTimeout, t.timeout)
		case !connected.Load() && handshake.Load() != nil:
			err = fmt.Errorf("%w: %w", ErrTLS, err)
		}
		// What is no HTTP is quoted in the error, and may be what was sent.
		err = op.scrubError(err)
		t.log(parent, "TerraScale API attempt failed", map[string]any{
			"operation": op.name, "method": request.Method, "path": request.URL.Path, "error": err.Error(),
		})
		return nil, err
	}
	if response.StatusCode >= http.StatusInternalServerError {
		op.uncertain = true
	}
	t.log(parent, "TerraScale API answered", map[string]any{
		"operation": op.name, "method": request.Method, "path": request.URL.Path, "status": response.StatusCode,
	})
	return response, nil
}

func (t *attemptTransport) attempt(request *http.Request) (*http.Response, error) {
	response, err := t.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("reading the answer's body (HTTP %d, content type %q): %w",
			response.StatusCode, response.Header.Get("Content-Type"), err)
	}
	if len(body) > maxAnswer {
		return nil, fmt.Errorf("%w: more than %d MiB (HTTP %d, content type %q)",
			ErrAnswerTooLarge, maxAnswer>>20, response.StatusCode, response.Header.Get("Content-Type"))
	}
	response.Body = &answer{Reader: bytes.NewReader(body), body: body}
	return response, nil
}

// isConnectionError tells a handshake that was interrupted, which may go well next time, from one that was refused.
func isConnectionError(err error) bool {
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return true
	}
	_, isErrno := errors.AsType[syscall.Errno](err)
	return isErrno || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.Canceled)
}
