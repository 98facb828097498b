// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package customtypes

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/stretchr/testify/require"
)

// isValid reports whether an attribute's value passes its own validation.
func isValid(t *testing.T, value xattr.ValidateableAttribute) bool {
	t.Helper()
	var resp xattr.ValidateAttributeResponse
	value.ValidateAttribute(t.Context(), xattr.ValidateAttributeRequest{Path: path.Root("a")}, &resp)
	return !resp.Diagnostics.HasError()
}

// requireOneForm checks what holds for the values of a format, and the canonical forms that it gives.
func requireOneForm[F Format](t *testing.T, first, second string) {
	t.Helper()
	a, b := NewValue[F](first), NewValue[F](second)
	require.True(t, a.Means(a))
	require.Equal(t, a.Means(b), b.Means(a), "%q and %q", first, second)
	if !isValid(t, a) {
		require.Equal(t, first, a.Canonical(), "what is not valid stays as it is written")
		require.Equal(t, first == second, a.Means(b), "and means itself only: %q and %q", first, second)
		return
	}
	canonical := NewValue[F](a.Canonical())
	require.True(t, isValid(t, canonical), "%q is the canonical form of %q, and not valid", a.Canonical(), first)
	require.Equal(t, a.Canonical(), canonical.Canonical(), "the canonical form of %q has another one", first)
	require.True(t, a.Means(canonical))
	require.Equal(t, isValid(t, b) && a.Canonical() == b.Canonical(), a.Means(b), "%q and %q", first, second)
}

func FuzzDuration(f *testing.F) {
	for _, pair := range [][2]string{{"48h", "2d"}, {"1.5d", "36h"}, {"10h", "1h10m"}, {"20m", "1d20m0.5s"}, {"0s", "0w"}, {"292y", "-1h"}, {"106751d", "2562047h47m16.854775807s"}} {
		f.Add(pair[0], pair[1])
		f.Add(pair[1], pair[0])
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		requireOneForm[durationFormat](t, first, second)
		parsed, err := ParseDuration(first)
		require.Equal(t, err == nil, isValid(t, NewDuration(first)))
		if err != nil {
			require.Zero(t, ParseDurationValue(NewDuration(first)))
			return
		}
		again, err := ParseDuration(FormatDuration(parsed))
		require.NoError(t, err)
		require.Equal(t, parsed, again, "%q is written as %q", first, FormatDuration(parsed))
	})
}

func FuzzTime(f *testing.F) {
	for _, pair := range [][2]string{
		{"2027-03-01T00:00:00Z", "2027-03-01T01:00:00+01:00"}, {"2027-03-01T00:00:00.5Z", "2027-03-01T00:00:00.500Z"},
		{"0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z"}, {"0000-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"}, {"2027-02-30T00:00:00Z", "2027-03-01 00:00:00"},
	} {
		f.Add(pair[0], pair[1])
		f.Add(pair[1], pair[0])
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		requireOneForm[timeFormat](t, first, second)
		parsed := ParseTime(NewValue[timeFormat](first))
		require.Equal(t, parsed != nil, isValid(t, NewValue[timeFormat](first)), "%q", first)
		if parsed != nil {
			again := ParseTime(NewTime(*parsed))
			require.NotNil(t, again, "%q is written as %s", first, NewTime(*parsed))
			require.True(t, parsed.Equal(*again))
		}
	})
}

func FuzzEmail(f *testing.F) {
	for _, pair := range [][2]string{
		{"Ada@Example.com", "ada@example.COM"}, {"Ada <ada@example.com>", "ada@example.com."}, {`"a b"@example.com`, "a@[127.0.0.1]"}, {"İ@x.y", "ß@x.y"},
	} {
		f.Add(pair[0], pair[1])
		f.Add(pair[1], pair[0])
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		requireOneForm[emailFormat](t, first, second)
		if isValid(t, NewEmail(first)) {
			require.Contains(t, first, "@")
			require.False(t, strings.ContainsAny(first, " /\t\r\n"), "%q goes into import ids and URLs", first)
		}
	})
}

func FuzzCIDR(f *testing.F) {
	for _, pair := range [][2]string{
		{"10.0.0.1", "10.0.0.1/32"}, {"2001:DB8:0::/32", "2001:db8::/32"}, {"10.0.0.1/24", "::ffff:10.0.0.0/104"}, {"fe80::1%eth0", "0.0.0.0/0"},
		{"010.0.0.0/8", "10.0.0.0/08"}, {"::/0", "::"}, {"10.0.0.0/33", "::ffff:1.2.3.4"}, {"2001:db8::1/32", "2001:db8::/32"},
	} {
		f.Add(pair[0], pair[1])
		f.Add(pair[1], pair[0])
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		requireOneForm[cidrFormat](t, first, second)
		prefix, err := ParseCIDR(first)
		require.Equal(t, err == nil, isValid(t, NewCIDR(first)))
		if err != nil {
			if _, instead, found := strings.Cut(err.Error(), "write \""); found && strings.Contains(err.Error(), "host bits") {
				_, err := ParseCIDR(strings.TrimSuffix(instead, `"`))
				require.NoError(t, err, "%q is said to be right instead of %q", instead, first)
			}
			return
		}
		require.True(t, prefix.IsValid())
		require.Equal(t, prefix, prefix.Masked(), "no host bits")
		require.False(t, prefix.Addr().Is4In6())
		require.Empty(t, prefix.Addr().Zone())
	})
}
