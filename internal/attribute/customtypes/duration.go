// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package customtypes

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Duration is a span of time: Go's durations plus d (24 h) and w (7 d), never negative.
type Duration = Value[durationFormat]

// DurationType is the attribute type of a Duration.
type DurationType = Type[durationFormat]

type durationFormat struct{}

var durationParts = regexp.MustCompile(`^(?:[0-9]+(?:\.[0-9]+)?(?:w|d|h|m|s|ms|us|µs|ns))+$`)

var (
	longUnit  = regexp.MustCompile(`([0-9]+(?:\.[0-9]+)?)([wd])`)
	longUnits = map[string]float64{"w": 7 * 24, "d": 24}
)

func (durationFormat) Name() string { return "duration" }

func (durationFormat) Canonical(text string) (string, error) {
	parsed, err := ParseDuration(text)
	return parsed.String(), err
}

// NewDuration gives a known value.
func NewDuration(text string) Duration { return NewValue[durationFormat](text) }

// ParseDuration reads a span of time such as 90d, 12h, 2w, 1d12h or 0s.
func ParseDuration(text string) (time.Duration, error) {
	if !durationParts.MatchString(text) {
		return 0, fmt.Errorf(
			"%q is not a duration: write a number and a unit, such as \"90d\", \"2w\", \"12h\", \"45m\" or \"30s\"", text)
	}
	inHours := longUnit.ReplaceAllStringFunc(text, func(part string) string {
		number, unit := part[:len(part)-1], part[len(part)-1:]
		var value float64
		_, _ = fmt.Sscanf(number, "%g", &value)
		return strings.TrimSuffix(fmt.Sprintf("%f", value*longUnits[unit]), ".000000") + "h"
	})
	parsed, err := time.ParseDuration(inHours)
	if err != nil {
		return 0, fmt.Errorf("%q is too long for a duration: the most is about 292 years", text)
	}
	return parsed, nil
}

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
