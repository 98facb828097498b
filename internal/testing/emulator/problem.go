// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator/store"
)

// problem is an answer after RFC 7807.
type problem struct {
	status     int
	detail     string
	retryAfter int // seconds; 0: not said
}

// Error implements error.
func (p *problem) Error() string { return p.detail }

func badRequest(detail string) *problem {
	return &problem{status: http.StatusBadRequest, detail: detail}
}

func unauthenticated(detail string) *problem {
	return &problem{status: http.StatusUnauthorized, detail: detail}
}

var statusOf = map[store.Kind]int{
	store.Invalid:            http.StatusBadRequest,
	store.Unauthenticated:    http.StatusUnauthorized,
	store.Forbidden:          http.StatusForbidden,
	store.NotFound:           http.StatusNotFound,
	store.Conflict:           http.StatusConflict,
	store.PreconditionFailed: http.StatusPreconditionFailed,
}

// typeOf names the section that defines a status, as the service's own examples do.
var typeOf = map[int]string{
	http.StatusBadRequest:            "https://tools.ietf.org/html/rfc7231#section-6.5.1",
	http.StatusUnauthorized:          "https://tools.ietf.org/html/rfc7235#section-3.1",
	http.StatusForbidden:             "https://tools.ietf.org/html/rfc7231#section-6.5.3",
	http.StatusNotFound:              "https://tools.ietf.org/html/rfc7231#section-6.5.4",
	http.StatusMethodNotAllowed:      "https://tools.ietf.org/html/rfc7231#section-6.5.5",
	http.StatusConflict:              "https://tools.ietf.org/html/rfc7231#section-6.5.8",
	http.StatusPreconditionFailed:    "https://tools.ietf.org/html/rfc7232#section-4.2",
	http.StatusRequestEntityTooLarge: "https://tools.ietf.org/html/rfc7231#section-6.5.11",
	http.StatusTooManyRequests:       "https://tools.ietf.org/html/rfc6585#section-4",
	http.StatusInternalServerError:   "https://tools.ietf.org/html/rfc7231#section-6.6.1",
}

// fail answers with an error as a problem.
func (c *call) fail(err error) {
	shown := c.problemOf(err)
	header := c.writer.Header()
	header.Set("Content-Type", "application/problem+json")
	if shown.status == http.StatusUnauthorized {
		header.Set("WWW-Authenticate", "Bearer")
	}
	if shown.retryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(shown.retryAfter))
	}
	c.writer.WriteHeader(shown.status)
	_, _ = c.writer.Write(problemBody(shown, c.request.URL.EscapedPath()))
}

func (c *call) problemOf(err error) *problem {
	var shown *problem
	if errors.As(err, &shown) {
		return shown
	}
	var refusal *store.Refusal
	if errors.As(err, &refusal) {
		return &problem{status: statusOf[refusal.Kind], detail: refusal.Detail}
	}
	c.server.options.Logger.ErrorContext(c.request.Context(), "a request failed", "operation", c.route.operation, "error", err)
	return &problem{status: http.StatusInternalServerError, detail: "The emulator failed: its log says why."}
}

func problemBody(shown *problem, instance string) []byte {
	kind, known := typeOf[shown.status]
	if !known {
		kind = "about:blank"
	}
	body := map[string]any{
		"type": kind, "title": http.StatusText(shown.status), "status": shown.status,
		"detail": shown.detail, "instance": instance,
	}
	if shown.retryAfter > 0 {
		body["retryAfter"] = shown.retryAfter
	}
	content, _ := json.Marshal(body) // strings and integers always encode
	return content
}
