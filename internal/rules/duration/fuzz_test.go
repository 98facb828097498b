// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package duration_test

import (
	"math/big"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/rules/duration"
)

var (
	part  = regexp.MustCompile(`([0-9]+(?:\.[0-9]+)?)([a-zµ]+)`)
	units = map[string]time.Duration{
		"w": 7 * 24 * time.Hour, "d": 24 * time.Hour, "h": time.Hour, "m": time.Minute, "s": time.Second, "ms": time.Millisecond,
		"us": time.Microsecond, "µs": time.Microsecond, "ns": time.Nanosecond,
	}
)

// exactly adds a text's parts up without rounding, in nanoseconds.
func exactly(t *testing.T, text string) *big.Rat {
	t.Helper()
	sum := new(big.Rat)
	for _, found := range part.FindAllStringSubmatch(text, -1) {
		number, ok := new(big.Rat).SetString(found[1])
		require.True(t, ok, found[1])
		sum.Add(sum, number.Mul(number, new(big.Rat).SetInt64(int64(units[found[2]]))))
	}
	return sum
}

// What is read is what is written, to the nanosecond for each part of it, and never negative. What is refused is quoted.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"90d", "2w", "1d12h", "0s", "1.5d", "250ms", "106751d", "106752d", "9999999w", "-1h", "1h-2m", "d90", "1µs2us3ns", "0.1w", "0.0000001d", "1e3s"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := duration.Parse(text)
		if err != nil {
			require.Zero(t, got)
			require.ErrorContains(t, err, strconv.Quote(text))
			return
		}
		require.GreaterOrEqual(t, got, time.Duration(0))
		want := exactly(t, text)
		off := new(big.Rat).Sub(want, new(big.Rat).SetInt64(int64(got)))
		parts := int64(len(part.FindAllString(text, -1)))
		require.LessOrEqual(t, off.Abs(off).Cmp(new(big.Rat).SetInt64(parts)), 0, "%q is %s ns, and was read as %d ns", text, want.FloatString(3), got)
	})
}
