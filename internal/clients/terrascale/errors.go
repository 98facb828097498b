// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale/api"
)

// What the service answered, by status: an *APIError is one of these.
var (
	ErrBadRequest         = errors.New("bad request")
	ErrUnauthenticated    = errors.New("not authenticated")
	ErrForbidden          = errors.New("not permitted")
	ErrNotFound           = errors.New("not found")
	ErrConflict           = errors.New("conflict")
	ErrPreconditionFailed = errors.New("changed meanwhile")
	ErrRateLimited        = errors.New("rate limited")
)

// How a call can fail otherwise.
var (
	// ErrForeignAnswer means that an answer 403, 404 or 407 is not the service's problem JSON: a proxy or another server may have given
	// it, and nothing follows from it.
	ErrForeignAnswer = errors.New("the answer is not the service's own")
	// ErrStillListed means that the service says of something that it is not there, and lists it.
	ErrStillListed = errors.New("the service says that it is not there, and lists it")
	// ErrAnswerLost means that the service may have carried out a call that must not be repeated: the
	// connection broke, the call was cancelled, or the service failed, before a usable answer was there.
	ErrAnswerLost = errors.New("the service may have done this, but its answer was lost")
	// ErrInvalidAnswer means that an answer is not what the contract says.
	ErrInvalidAnswer = errors.New("the service's answer is not understood")
	// ErrAnswerTooLarge means that an answer is longer than any that the contract allows.
	ErrAnswerTooLarge = errors.New("the service's answer is too large")
	// ErrTimeout means that an attempt took longer than Config.RequestTimeout.
	ErrTimeout = errors.New("no complete answer in time")
	// ErrRedirected means that the service, or something before it, sent the call elsewhere. It is never followed.
	ErrRedirected = errors.New("the service answered with a redirect, which is not followed")
	// ErrEndlessList means that following a list's cursors does not end.
	ErrEndlessList = errors.New("the list does not end")
	// ErrInvalidArgument means that the call was not sent, since an argument cannot be right.
	ErrInvalidArgument = errors.New("invalid argument")
)

var statusErrors = map[int]error{
	http.StatusBadRequest:         ErrBadRequest,
	http.StatusUnauthorized:       ErrUnauthenticated,
	http.StatusForbidden:          ErrForbidden,
	http.StatusNotFound:           ErrNotFound,
	http.StatusConflict:           ErrConflict,
	http.StatusPreconditionFailed: ErrPreconditionFailed,
	http.StatusTooManyRequests:    ErrRateLimited,
}

// APIError is an answer other than success. errors.Is finds the sentinel of its status.
type APIError struct {
	// Status is the HTTP status.
	Status int
	// Type, Title, Detail and Instance are the server's own words, free of secrets. For an answer that is not
	// problem JSON only Detail is set, and says what came instead.
	Type, Title, Detail, Instance string
	// Operation is what was tried, such as "create API key".
	Operation string
	// RetryAfter is how long the service asks to wait; 0 when it does not say.
	RetryAfter time.Duration
	// RequestID is the answer's X-Request-Id, if it has one.
	RequestID string
	// Foreign is set for an answer that is not problem JSON, as the service's are.
	Foreign bool
}

// Error implements error.
func (e *APIError) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "unable to %s: HTTP %d", e.Operation, e.Status)
	title := e.Title
	if title == "" {
		title = http.StatusText(e.Status)
	}
	if title != "" {
		text.WriteString(" " + title)
	}
	if e.Detail != "" {
		text.WriteString(": " + e.Detail)
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&text, " (retry after %s)", e.RetryAfter)
	}
	if e.RequestID != "" {
		fmt.Fprintf(&text, " (request %s)", e.RequestID)
	}
	return text.String()
}

// Is implements the protocol of errors.Is. What a proxy says is neither a refusal of the service's nor a sign that something is gone.
func (e *APIError) Is(target error) bool {
	if e.Foreign && slices.Contains(foreignStatuses, e.Status) {
		return target == ErrForeignAnswer
	}
	sentinel, ok := statusErrors[e.Status]
	return ok && target == sentinel
}

// foreignStatuses are what proxies and wrong endpoints answer with, and what would lead somebody astray if it were the service's.
var foreignStatuses = []int{http.StatusForbidden, http.StatusNotFound, http.StatusProxyAuthRequired}

// failure reads the answer and turns it into an error.
func (o *operation) failure(response *http.Response) error {
	body, err := readAnswer(response)
	if err != nil {
		return o.broken(err)
	}
	return o.failureOf(response, body)
}

func (o *operation) failureOf(response *http.Response, body []byte) error {
	if response.StatusCode >= 300 && response.StatusCode < 400 {
		return fmt.Errorf("unable to %s: %w: HTTP %d to %s", o.name, ErrRedirected, response.StatusCode,
			o.scrub(redirectTarget(response)))
	}
	failure := &APIError{
		Status:     response.StatusCode,
		Operation:  o.name,
		RetryAfter: retryAfter(response, body, o.clock()),
		RequestID:  o.scrub(response.Header.Get("X-Request-Id")),
	}
	var problem api.Problem
	if isJSON(response.Header) && json.Unmarshal(body, &problem) == nil && (problem.Title != "" || problem.Detail != nil) {
		failure.Title = o.scrub(problem.Title)
		failure.Type = o.scrub(deref(problem.Type))
		failure.Detail = o.scrub(deref(problem.Detail))
		failure.Instance = o.scrub(deref(problem.Instance))
		failure.Foreign = !isProblem(response.Header)
		return failure
	}
	failure.Foreign = true
	failure.Detail = fmt.Sprintf("the answer%s is not problem JSON (content type %q)", origin(response), o.scrub(response.Header.Get("Content-Type")))
	if excerpt := o.excerpt(body); excerpt != "" {
		failure.Detail += ": " + excerpt
	}
	return failure
}

// origin says which host was asked, and through which proxy.
func origin(response *http.Response) string {
	if response.Request == nil || response.Request.URL == nil {
		return ""
	}
	text := " from " + response.Request.URL.Host
	if proxy, err := http.ProxyFromEnvironment(response.Request); err == nil && proxy != nil {
		text += ", through the proxy " + proxy.Host + ","
	}
	return text
}

// redirectTarget names where a redirect leads, without a query that could hold something secret.
func redirectTarget(response *http.Response) string {
	target, err := response.Location()
	if err != nil {
		return "an unnamed place"
	}
	return (&url.URL{Scheme: target.Scheme, Host: target.Host, Path: target.Path}).String()
}

func isJSON(header http.Header) bool {
	mediaType, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	return err == nil && (mediaType == "application/json" || strings.HasSuffix(mediaType, "+json"))
}

func isProblem(header http.Header) bool {
	mediaType, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	return err == nil && mediaType == "application/problem+json"
}

func deref[T any](value *T) T {
	if value == nil {
		var zero T
		return zero
	}
	return *value
}

// isOutage tells a failure that used up its retries, or came of a login that failed, from one that the next call may not meet.
func isOutage(err error) bool {
	answer, ok := errors.AsType[*APIError](err)
	return !ok || answer.Status >= http.StatusInternalServerError || answer.Status == http.StatusTooManyRequests
}
