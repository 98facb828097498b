// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package duration reads spans of time as people write them: Go's durations plus d (24 h) and w (7 d), never negative.
package duration

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"time"
)

var parts = regexp.MustCompile(`^(?:[0-9]+(?:\.[0-9]+)?(?:w|d|h|m|s|ms|us|µs|ns))+$`)

var (
	longUnit  = regexp.MustCompile(`([0-9]+(?:\.[0-9]+)?)([wd])`)
	longUnits = map[string]int64{"w": 7 * 24, "d": 24}
)

// Parse reads a span of time such as 90d, 12h, 2w, 1d12h or 0s.
func Parse(text string) (time.Duration, error) {
	if !parts.MatchString(text) {
		return 0, fmt.Errorf(
			"%q is not a duration: write a number and a unit, such as \"90d\", \"2w\", \"12h\", \"45m\" or \"30s\"", text)
	}
	inHours := longUnit.ReplaceAllStringFunc(text, func(part string) string {
		number, unit := part[:len(part)-1], part[len(part)-1:]
		_, fraction, _ := strings.Cut(number, ".")
		value, _ := new(big.Rat).SetString(number) // Digits and a point are always a number.
		return value.Mul(value, new(big.Rat).SetInt64(longUnits[unit])).FloatString(len(fraction)) + "h"
	})
	parsed, err := time.ParseDuration(inHours)
	if err != nil {
		return 0, fmt.Errorf("%q is too long for a duration: the most is about 292 years", text)
	}
	return parsed, nil
}
