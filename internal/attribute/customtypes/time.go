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
	parsed, err := parseTime(text)
	if err != nil {
		return "", fmt.Errorf("%q is not an RFC 3339 time: write one such as \"2027-03-01T00:00:00Z\"", text)
	}
	return parsed.Format(time.RFC3339Nano), nil
}

// parseTime gives a time in UTC. An offset can lead out of the years 0 to 9999, which is all that RFC 3339 can write.
func parseTime(text string) (time.Time, error) {
	parsed, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, err
	}
	utc := parsed.UTC()
	if utc.Year() < 0 || utc.Year() > 9999 {
		return time.Time{}, fmt.Errorf("year %d", utc.Year())
	}
	return utc, nil
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
	parsed, err := parseTime(v.ValueString())
	if err != nil {
		return nil
	}
	return &parsed
}
