// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package customtypes_test

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
)

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"90d": 90 * 24 * time.Hour, "2w": 14 * 24 * time.Hour, "12h": 12 * time.Hour, "45m": 45 * time.Minute,
		"5s": 5 * time.Second, "0s": 0, "1d12h": 36 * time.Hour, "1w2d3h4m5s": (9*24+3)*time.Hour + 4*time.Minute + 5*time.Second,
		"1.5d": 36 * time.Hour, "0.5w": 84 * time.Hour, "250ms": 250 * time.Millisecond,
	} {
		got, err := customtypes.ParseDuration(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "90", "d", "-1h", "+1h", "1y", "90 d", "1h-2m", "ten days", "9999999w", "1e3s", "d90"} {
		_, err := customtypes.ParseDuration(text)
		require.ErrorContains(t, err, "duration", text)
	}
}

func TestFormatDurationRoundTrips(t *testing.T) {
	require.Equal(t, "90d", customtypes.FormatDuration(90*24*time.Hour))
	require.Equal(t, "1d12h", customtypes.FormatDuration(36*time.Hour))
	require.Equal(t, "45m", customtypes.FormatDuration(45*time.Minute))
	require.Equal(t, "0s", customtypes.FormatDuration(0))
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, 1<<61).Draw(t, "duration"))
		parsed, err := customtypes.ParseDuration(customtypes.FormatDuration(d))
		require.NoError(t, err)
		require.Equal(t, d, parsed)
	})
}

func TestSpellingsThatMeanTheSame(t *testing.T) {
	same := func(a, b interface{ Canonical() string }) { t.Helper(); require.Equal(t, a.Canonical(), b.Canonical()) }
	same(customtypes.NewDuration("48h"), customtypes.NewDuration("2d"))
	same(customtypes.NewCIDR("10.0.0.1"), customtypes.NewCIDR("10.0.0.1/32"))
	same(customtypes.NewCIDR("2001:DB8:0::/32"), customtypes.NewCIDR("2001:db8::/32"))
	same(customtypes.NewCIDR("2001:db8::1"), customtypes.NewCIDR("2001:db8::1/128"))
	same(customtypes.NewEmail("Ada@Example.com"), customtypes.NewEmail("ada@example.COM"))

	equal, diagnostics := customtypes.NewDuration("48h").StringSemanticEquals(t.Context(), customtypes.NewDuration("2d"))
	require.True(t, equal)
	require.Empty(t, diagnostics)
	equal, _ = customtypes.NewDuration("48h").StringSemanticEquals(t.Context(), customtypes.NewDuration("3d"))
	require.False(t, equal)
}

func TestInvalidValuesSayWhatToWrite(t *testing.T) {
	for want, value := range map[string]xattr.ValidateableAttribute{
		`"10.0.0.1/24" has host bits set: write "10.0.0.0/24"`:                    customtypes.NewCIDR("10.0.0.1/24"),
		`"2001:db8::1/32" has host bits set: write "2001:db8::/32"`:               customtypes.NewCIDR("2001:db8::1/32"),
		`"::ffff:10.0.0.0/104" is an IPv4 address in IPv6 form: write it as IPv4`: customtypes.NewCIDR("::ffff:10.0.0.0/104"),
		`"300.0.0.0/8" is not a CIDR`:                                             customtypes.NewCIDR("300.0.0.0/8"),
		`"fe80::1%eth0" is not a CIDR`:                                            customtypes.NewCIDR("fe80::1%eth0"),
		`"ada" is not an e-mail address`:                                          customtypes.NewEmail("ada"),
		`"ada@" is not an e-mail address`:                                         customtypes.NewEmail("ada@"),
		`"ada@example.com." is not an e-mail address`:                             customtypes.NewEmail("ada@example.com."),
		`is not an e-mail address`:                                                customtypes.NewEmail("Ada <ada@example.com>"),
		`"soon" is not a duration`:                                                customtypes.NewDuration("soon"),
	} {
		var resp xattr.ValidateAttributeResponse
		value.ValidateAttribute(t.Context(), xattr.ValidateAttributeRequest{Path: path.Root("a")}, &resp)
		require.Len(t, resp.Diagnostics, 1, want)
		require.Contains(t, resp.Diagnostics[0].Detail(), want)
	}
}
