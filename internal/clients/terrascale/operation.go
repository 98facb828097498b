// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

//nolint:bodyclose // attemptTransport has read and closed every body already.
package terrascale

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/gather"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// repetition says after which failures an operation may be sent again.
type repetition int

const (
	// repeatRefused is for what creates or spends something: only after 429, which says nothing was carried out.
	repeatRefused repetition = iota
	// repeatAny is for what does no harm when it is carried out twice.
	repeatAny
)

// operation is one call of the client, through all its attempts. It travels in the context of its requests and
// belongs to one goroutine.
type operation struct {
	name       string
	repetition repetition
	clock      func() time.Time
	// uncertain is set once an attempt failed in a way that leaves open whether the service carried it out.
	uncertain bool
	secrets   []secret.String
	// failures counts the attempts that failed, limited is how long the call has waited for the service's limit of the rate.
	failures int
	limited  time.Duration
}

type operationKey struct{}

func (c *Client) begin(ctx context.Context, name string, repetition repetition) (context.Context, *operation) {
	op := &operation{name: name, repetition: repetition, clock: c.config.Clock}
	op.hide(c.config.AccessToken, c.config.Password, c.config.TOTPSecret)
	return context.WithValue(ctx, operationKey{}, op), op
}

// operationOf returns the operation that begin put into the context. Every request of this package has one.
func operationOf(ctx context.Context) *operation {
	op, _ := ctx.Value(operationKey{}).(*operation)
	return op
}

// hide keeps the secrets, which the operation sends, out of its errors.
func (o *operation) hide(secrets ...secret.String) {
	for _, s := range secrets {
		if !s.IsEmpty() {
			o.secrets = append(o.secrets, s)
		}
	}
}

// hideText is hide for what did not come out of the configuration or a session.
func (o *operation) hideText(texts ...string) {
	for _, text := range texts {
		o.hide(secret.New(text))
	}
}

// finish turns the outcome of the operation into the answer's body, whose status has to be want.
func (o *operation) finish(response *http.Response, err error, want int) (*http.Response, []byte, error) {
	if err != nil {
		return nil, nil, o.broken(err)
	}
	body, err := readAnswer(response)
	if err != nil {
		return nil, nil, o.broken(err)
	}
	if response.StatusCode != want {
		err := o.failureOf(response, body)
		if o.repetition == repeatRefused && !isRefusal(err) {
			err = fmt.Errorf("%w: %w", ErrAnswerLost, err)
		}
		return response, nil, err
	}
	return response, body, nil
}

// isRefusal reports whether an answer says that the service did not carry a call out. What a proxy answers in the service's place does not, but
// for what keeps a call from going on.
func isRefusal(err error) bool {
	answer, ok := errors.AsType[*APIError](err)
	if !ok || answer.Status < http.StatusBadRequest || answer.Status >= http.StatusInternalServerError {
		return false
	}
	return !answer.Foreign || answer.Status == http.StatusUnauthorized || answer.Status == http.StatusTooManyRequests
}

// mayBeDone reports whether the service may have carried out what failed.
func (o *operation) mayBeDone(err error) bool {
	_, isAnswer := errors.AsType[*APIError](err)
	return err != nil && (o.uncertain || isAnswer && !isRefusal(err) || errors.Is(err, ErrRedirected) || errors.Is(err, ErrInvalidAnswer))
}

// broken describes an operation that got no answer.
func (o *operation) broken(err error) error {
	// The URL adds nothing to the operation's name.
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	if o.uncertain && o.repetition == repeatRefused {
		return fmt.Errorf("unable to %s: %w: %w", o.name, ErrAnswerLost, err)
	}
	return fmt.Errorf("unable to %s: %w", o.name, err)
}

// invalid describes an answer that says the operation was done but not what came of it. It quotes nothing of
// the answer, which may hold a key or a token.
func (o *operation) invalid(reason string) error {
	err := fmt.Errorf("unable to %s: %w: %s", o.name, ErrInvalidAnswer, o.scrub(reason))
	if o.repetition == repeatRefused {
		return fmt.Errorf("%w: %w", ErrAnswerLost, err)
	}
	return err
}

// decode returns the body of an answer with status want as a T.
func decode[T any](o *operation, response *http.Response, err error, want int) (T, error) {
	value, _, err := decodeWithHeader[T](o, response, err, want)
	return value, err
}

func decodeWithHeader[T any](o *operation, response *http.Response, err error, want int) (T, http.Header, error) {
	var value T
	response, body, err := o.finish(response, err, want)
	if err != nil {
		return value, nil, err
	}
	if !isJSON(response.Header) {
		return value, nil, o.invalid(fmt.Sprintf("HTTP %d with content type %q instead of JSON",
			response.StatusCode, response.Header.Get("Content-Type")))
	}
	if err := json.Unmarshal(body, &value); err != nil {
		return value, nil, o.invalid(fmt.Sprintf("HTTP %d with a body that does not parse: %s", response.StatusCode, err))
	}
	return value, response.Header, nil
}

// deleted accepts 204, and 404 after an attempt that may have deleted the thing. A 404 counts only where the service does not list the
// thing either.
func deleted(o *operation, response *http.Response, err error, isListed func() (bool, error)) error {
	_, _, err = o.finish(response, err, http.StatusNoContent)
	err = o.confirmGone(err, isListed)
	if errors.Is(err, ErrNotFound) && o.uncertain {
		return nil
	}
	return err
}

// confirmGone looks whether the service lists what it says is not there. A list that is not there itself, as that of a database which is
// gone, lists nothing.
func (o *operation) confirmGone(err error, isListed func() (bool, error)) error {
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	listed, listErr := isListed()
	switch {
	case errors.Is(listErr, ErrNotFound):
		return err
	case listErr != nil:
		return fmt.Errorf("unable to %s: the service says that it is not there, and that can't be confirmed: %w", o.name, listErr)
	case listed:
		return fmt.Errorf("unable to %s: %w", o.name, ErrStillListed)
	}
	return err
}

// looks holds the listings that confirm that something is gone, each shared by those who look at the same time: members by organization,
// and repositories by database.
type looks struct {
	keys          *gather.Readings[[]APIKey]
	members       *gather.Readings[[]Member]
	databases     *gather.Readings[[]Database]
	repositories  *gather.Readings[[]Repository]
	organizations *gather.Readings[[]Membership]
}

// lookQuiet and lookAtMost are how long a look waits for others: the service counts requests, and a listing may have many pages.
const (
	lookQuiet  = 50 * time.Millisecond
	lookAtMost = time.Second
)

func newLooks() *looks {
	return &looks{
		keys:          gather.NewReadings[[]APIKey](lookQuiet, lookAtMost),
		members:       gather.NewReadings[[]Member](lookQuiet, lookAtMost),
		databases:     gather.NewReadings[[]Database](lookQuiet, lookAtMost),
		repositories:  gather.NewReadings[[]Repository](lookQuiet, lookAtMost),
		organizations: gather.NewReadings[[]Membership](lookQuiet, lookAtMost),
	}
}

// listed makes an isListed of a list, of which a look begins after it is asked.
func listed[T any](
	ctx context.Context, looks *gather.Readings[[]T], of string, list func(context.Context) ([]T, error), isIt func(T) bool,
) func() (bool, error) {
	return func() (bool, error) {
		all, err := looks.Get(ctx, of, list)
		return slices.ContainsFunc(all, isIt), err
	}
}

// checkList refuses a page without its list: it does not say that there is nothing.
func checkList[T any](o *operation, list []T, field string) error {
	if list == nil {
		return o.invalid("there is no list " + field + " in it")
	}
	return nil
}

// checkSegment refuses what would make the path lead to another call: "" and the dot segments, which no escaping
// protects.
func (o *operation) checkSegment(what, segment string) error {
	if segment == "" || segment == "." || segment == ".." {
		return fmt.Errorf("unable to %s: %w: %q is not a %s", o.name, ErrInvalidArgument, segment, what)
	}
	return nil
}
