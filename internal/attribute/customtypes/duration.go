// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package customtypes

import (
	"fmt"
	"strings"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/rules/duration"
)

// Duration is a span of time: Go's durations plus d (24 h) and w (7 d), never negative.
type Duration = Value[durationFormat]

// DurationType is the attribute type of a Duration.
type DurationType = Type[durationFormat]

type durationFormat struct{}

func (durationFormat) Name() string { return "duration" }

func (durationFormat) Invalid() string { return "Invalid duration" }

func (durationFormat) Canonical(text string) (string, error) {
	parsed, err := ParseDuration(text)
	return parsed.String(), err
}

// NewDuration gives a known value.
func NewDuration(text string) Duration { return NewValue[durationFormat](text) }

// ParseDuration reads a span of time such as 90d, 12h, 2w, 1d12h or 0s.
func ParseDuration(text string) (time.Duration, error) { return duration.Parse(text) }

// FormatDuration writes a duration in the largest units that fit: 90d, 36h as 1d12h.
func FormatDuration(d time.Duration) string {
	const day = 24 * time.Hour
	days, rest := d/day, d%day
	switch {
	case days == 0:
		return trimZeroUnits(rest.String())
	case rest == 0:
		return fmt.Sprintf("%dd", days)
	default:
		return fmt.Sprintf("%dd%s", days, trimZeroUnits(rest.String()))
	}
}

// trimZeroUnits turns Go's 12h0m0s into 12h.
func trimZeroUnits(text string) string {
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// ParseDurationValue gives a known, valid value as a duration, and zero for any other.
func ParseDurationValue(v Duration) time.Duration {
	parsed, err := ParseDuration(v.ValueString())
	if err != nil {
		return 0
	}
	return parsed
}
