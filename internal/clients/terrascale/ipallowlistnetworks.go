// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale

import (
	"net/netip"
	"slices"
)

// Networks gives the networks of a list's entries; what is none is left out.
func (l IPAllowlist) Networks() []netip.Prefix {
	networks := make([]netip.Prefix, 0, len(l.Entries))
	for _, entry := range l.Entries {
		if network, err := netip.ParsePrefix(entry.CIDR); err == nil {
			networks = append(networks, network)
		} else if address, err := netip.ParseAddr(entry.CIDR); err == nil {
			networks = append(networks, netip.PrefixFrom(address, address.BitLen()))
		}
	}
	return networks
}

// ShutsOut reports whether networks lack an address. One that is not understood is left to the service to judge.
func ShutsOut(networks []netip.Prefix, address string) bool {
	caller, ok := parseCaller(address)
	if !ok {
		return false
	}
	return !slices.ContainsFunc(networks, func(network netip.Prefix) bool { return network.Contains(caller) })
}

// OwnNetwork gives the network of one address alone, as a CIDR; an address that is not understood stays as it is.
func OwnNetwork(address string) string {
	caller, ok := parseCaller(address)
	if !ok {
		return address
	}
	return netip.PrefixFrom(caller, caller.BitLen()).String()
}

// parseCaller reads a CallerIP, which may be IPv4 in IPv6 form or have a zone.
func parseCaller(address string) (caller netip.Addr, ok bool) {
	caller, err := netip.ParseAddr(address)
	return caller.Unmap().WithZone(""), err == nil
}
