// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package customtypes

import (
	"fmt"
	"time"
)

// Time is an RFC 3339 time, compared by instant.
type Time = Value[timeFormat]

// TimeType is the attribute type of a Time.
type TimeType = Type[timeFormat]

type timeFormat struct{}

func (timeFormat) Name() string { return "time" }

func (timeFormat) Invalid() string { return "Invalid time" }

func (timeFormat) Canonical(text string) (string, error) {
	parsed, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return "", fmt.Errorf("%q is not an RFC 3339 time: write one such as \"2027-03-01T00:00:00Z\"", text)
	}
	return parsed.UTC().Format(time.RFC3339Nano), nil
}

// NewTime gives a known value, in UTC.
func NewTime(t time.Time) Time { return NewValue[timeFormat](t.UTC().Format(time.RFC3339Nano)) }

// NewTimePointer gives null for nil.
func NewTimePointer(t *time.Time) Time {
	if t == nil {
		return Time{}
	}
	return NewTime(*t)
}

// ParseTime gives a known, valid value as a time, and nil for any other.
func ParseTime(v Time) *time.Time {
	parsed, err := time.Parse(time.RFC3339, v.ValueString())
	if err != nil {
		return nil
	}
	return &parsed
}
