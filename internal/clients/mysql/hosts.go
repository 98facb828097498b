// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"net"
	"net/netip"
	"strings"
)

// AnyHost is the host of a user that may come from anywhere.
const AnyHost = "%"

// HostOf gives a network as the server writes one: an address and a netmask, or the address alone where it is one. There is no
// netmask of IPv6: ok is false for such a network.
func HostOf(network netip.Prefix) (host string, ok bool) {
	address := network.Addr().String()
	switch {
	case network.IsSingleIP():
		return address, true
	case !network.Addr().Is4():
		return "", false
	default:
		return address + "/" + net.IP(net.CIDRMask(network.Bits(), 32)).String(), true
	}
}

// NetworkOf reads a host that is an address, or an address and a netmask.
func NetworkOf(host string) (network netip.Prefix, ok bool) {
	text, mask, masked := strings.Cut(host, "/")
	address, err := netip.ParseAddr(text)
	if err != nil {
		return network, false
	}
	if !masked {
		return netip.PrefixFrom(address, address.BitLen()), true
	}
	parsed := net.ParseIP(mask).To4()
	if parsed == nil || !address.Is4() {
		return network, false
	}
	ones, bits := net.IPMask(parsed).Size()
	if bits == 0 {
		return network, false
	}
	return netip.PrefixFrom(address, ones), true
}

// hostsOverlap reports whether a client may come from both. Of patterns of names, and names, nobody knows.
func hostsOverlap(one, other string) bool {
	first, firstKnown := NetworkOf(one)
	second, secondKnown := NetworkOf(other)
	return !firstKnown || !secondKnown || first.Overlaps(second)
}

// cameFrom reports whether a session whose client is written as address:port, or as a name, may be one of a user's.
func cameFrom(host, client string) bool {
	name, _, err := net.SplitHostPort(client)
	if err != nil {
		name = client
		// The server writes an address of IPv6 without brackets.
		if i := strings.LastIndex(client, ":"); i >= 0 {
			name = client[:i]
		}
	}
	network, known := NetworkOf(host)
	address, err := netip.ParseAddr(name)
	return !known || err != nil || network.Contains(address.Unmap())
}
