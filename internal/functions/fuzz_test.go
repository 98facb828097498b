// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package functions_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/functions"
)

// edges gives the first and the last address of a network, and the addresses beside them.
func edges(t *testing.T, prefix netip.Prefix) []netip.Addr {
	t.Helper()
	last := prefix.Masked().Addr().AsSlice()
	for bit := prefix.Bits(); bit < len(last)*8; bit++ {
		last[bit/8] |= 1 << (7 - bit%8)
	}
	end, ok := netip.AddrFromSlice(last)
	require.True(t, ok)
	return []netip.Addr{prefix.Addr(), end, prefix.Addr().Prev(), end.Next()}
}

func holds(prefixes []netip.Prefix, address netip.Addr) bool {
	for _, prefix := range prefixes {
		if prefix.Contains(address) {
			return true
		}
	}
	return false
}

// What is collapsed holds the same addresses, in the fewest networks, and stays as it is when it is collapsed again.
func FuzzCIDRCollapse(f *testing.F) {
	for _, text := range []string{
		"10.0.0.0/25\n10.0.0.128/25", "10.0.0.0/8\n10.1.0.0/16\n10.0.0.0/8", "0.0.0.0/1\n128.0.0.0/1", "::/1\n8000::/1\n0.0.0.0/0", "10.0.0.1\n10.0.0.0\n10.0.0.3\n10.0.0.2",
		"2001:db8::/33\n2001:db8:8000::/33", "255.255.255.255\nffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "10.0.0.1/24", "",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		values := strings.Split(text, "\n")
		collapsed, funcError := call(t, functions.NewCIDRCollapse(), list(values...))
		if funcError != nil {
			require.Contains(t, funcError.Text, "element ")
			return
		}
		written, came := prefixes(t, list(values...)), prefixes(t, collapsed)
		require.LessOrEqual(t, len(came), len(written))
		for _, prefix := range append(written, came...) {
			for _, address := range edges(t, prefix) {
				require.Equal(t, holds(written, address), holds(came, address), "%s, in %v and in %v", address, written, came)
			}
		}
		for i, one := range came {
			for _, other := range came[i+1:] {
				require.False(t, one.Overlaps(other), "%s and %s", one, other)
				wider := netip.PrefixFrom(one.Addr(), one.Bits()-1).Masked()
				require.False(t, one.Bits() == other.Bits() && wider.IsValid() && wider.Contains(other.Addr()), "%s is %s and %s", wider, one, other)
			}
		}
		again, funcError := call(t, functions.NewCIDRCollapse(), collapsed)
		require.Nil(t, funcError)
		require.True(t, again.Equal(collapsed))
	})
}

func prefixes(t *testing.T, value attr.Value) []netip.Prefix {
	t.Helper()
	var found []netip.Prefix
	for _, element := range value.(types.List).Elements() {
		text := element.(types.String).ValueString()
		if address, err := netip.ParseAddr(text); err == nil {
			found = append(found, netip.PrefixFrom(address, address.BitLen()))
			continue
		}
		prefix, err := netip.ParsePrefix(text)
		require.NoError(t, err)
		found = append(found, prefix)
	}
	return found
}

const fuzzCanary = "CANARY-5e1f"

// A password in a text that somebody pastes, whatever stands around it, comes out of redact in none of these forms, and what is redacted
// stays as it is.
func FuzzRedact(f *testing.F) {
	for _, around := range [][2]string{
		{"", ""}, {"see ", " please"}, {"a=b&", "&c=d"}, {`{"x": "`, `"}`}, {"(", ")"}, {"https://x.y/?u=", ""}, {"u:p@tcp(h)/\n", "\nu:p@/"}, {"'", "'"}, {"password=", ""},
		{"\xff", "\x00"}, {"é", "—"}, {"@", "@"}, {"postgres://", "@h/"},
	} {
		f.Add(around[0], around[1])
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		if strings.Contains(before+after, fuzzCanary) {
			return
		}
		for _, secret := range []string{
			"postgres://gateway:" + fuzzCanary + "@h:5432/d", "redis://:" + fuzzCanary + "@h/0", "password=" + fuzzCanary, "password='" + fuzzCanary + "'",
			`"password": "` + fuzzCanary + `"`, "PGPASSWORD=" + fuzzCanary,
		} {
			text := before + " " + secret + " " + after
			redacted, funcError := call(t, functions.NewRedact(), types.StringValue(text))
			require.Nil(t, funcError)
			got := redacted.(types.String).ValueString()
			require.NotContains(t, got, fuzzCanary, "%q", text)
			again, funcError := call(t, functions.NewRedact(), redacted)
			require.Nil(t, funcError)
			require.Equal(t, got, again.(types.String).ValueString(), "what is redacted stays as it is: %q", text)
		}
	})
}
