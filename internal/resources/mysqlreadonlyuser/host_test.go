// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysqlreadonlyuser

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHosts(t *testing.T) {
	for written, kept := range map[string]string{
		"%": "%", "10.0.0.5": "10.0.0.5", "10.0.0.5/32": "10.0.0.5", "10.0.0.0/8": "10.0.0.0/255.0.0.0", "192.0.2.128/25": "192.0.2.128/255.255.255.128",
		"::1": "::1", "2001:db8::1/128": "2001:db8::1", "2001:db8:%": "2001:db8:%", "%.internal": "%.internal", "gw_.example.com": "gw_.example.com",
		"localhost": "localhost", "10.0.%": "10.0.%",
	} {
		got, err := serverHost(written)
		require.NoError(t, err, written)
		require.Equal(t, kept, got, written)
	}
	for written, want := range map[string]string{
		"": "is empty", "10.0.0.1/24": `write "10.0.0.0/24"`, "10.0.0.0/255.0.0.0": `write it as the CIDR "10.0.0.0/8"`, "0.0.0.0/0": `write "%"`,
		"::/0": `write "%"`, "2001:db8::/32": "no netmask", "2001:DB8::1": `write it so`, "2001:db8:0::1": `"2001:db8::1"`, "GW.internal": `write "gw.internal"`, "a b": "is no host",
		"x'@'y": "is no host", "10.0.0.0/33": "is not a CIDR", "a/b": "is not a CIDR", strings.Repeat("x", 61): "61 characters",
	} {
		_, err := serverHost(written)
		require.ErrorContains(t, err, want, written)
	}
	for kept, written := range map[string]string{
		"%": "%", "10.0.0.0/255.0.0.0": "10.0.0.0/8", "10.0.0.5": "10.0.0.5", "10.0.0.5/255.255.255.255": "10.0.0.5", "%.internal": "%.internal",
		"10.0.0.0/255.0.255.0": "10.0.0.0/255.0.255.0",
	} {
		require.Equal(t, written, writtenHost(kept), kept)
	}
}
