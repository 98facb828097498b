// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package customtypes

import (
	"fmt"
	"net/netip"
)

// CIDR is an IPv4 or IPv6 prefix without host bits; a bare address means /32 or /128.
type CIDR = Value[cidrFormat]

// CIDRType is the attribute type of a CIDR.
type CIDRType = Type[cidrFormat]

type cidrFormat struct{}

// InvalidCIDR is the summary of an error about a text that is no CIDR.
const InvalidCIDR = "Invalid CIDR"

func (cidrFormat) Name() string { return "CIDR" }

func (cidrFormat) Invalid() string { return InvalidCIDR }

func (cidrFormat) Canonical(text string) (string, error) {
	prefix, err := ParseCIDR(text)
	if err != nil {
		return "", err
	}
	return prefix.String(), nil
}

// NewCIDR gives a known value.
func NewCIDR(text string) CIDR { return NewValue[cidrFormat](text) }

// ParseCIDR reads a prefix or a bare address. Host bits are an error that names the prefix without them.
func ParseCIDR(text string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(text); err == nil && address.Zone() == "" && !address.Is4In6() {
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf(
			"%q is not a CIDR: write an address and a prefix length, such as \"10.0.0.0/24\" or \"2001:db8::/32\", or a bare address", text)
	}
	if prefix.Addr().Is4In6() {
		return netip.Prefix{}, fmt.Errorf("%q is an IPv4 address in IPv6 form: write it as IPv4", text)
	}
	if masked := prefix.Masked(); masked != prefix {
		return netip.Prefix{}, fmt.Errorf("%q has host bits set: write %q", text, masked)
	}
	return prefix, nil
}
