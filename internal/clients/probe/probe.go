// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package probe is what a look at a database through one login gives, whatever the database.
package probe

import (
	"crypto/tls"
	"fmt"
	"slices"
)

// Report is what was seen through a login.
type Report struct {
	// Username is whom the server takes the login for; empty where it does not say.
	Username string
	// ServerVersion is the server's own words, such as "15.14" or "10.11.6-MariaDB"; empty where it does not say.
	ServerVersion string
	// TLS is nil for a connection in clear.
	TLS *TLS
	// Writable lists what the login can do beyond reading, and through what: "INSERT on public.orders via PUBLIC". It means
	// nothing with Unknown.
	Writable []string
	// Unknown says why Writable could not be told; nil where it could.
	Unknown error
}

// TLS is how a connection is encrypted.
type TLS struct {
	// Version is such as "TLS 1.3".
	Version string
	// Verified is set when the driver checked the certificate's chain and the server's name.
	Verified bool
}

// NewTLS describes a connection's TLS by its state.
func NewTLS(state tls.ConnectionState, verified bool) *TLS {
	return &TLS{Version: tls.VersionName(state.Version), Verified: verified}
}

// mostWritable bounds the list: an owner of thousands of tables is told apart by far fewer.
const mostWritable = 100

// Writes sorts a list of what a login can do, without repetitions, and ends a long one with how much more there is.
func Writes(found []string) []string {
	found = slices.Clone(found)
	slices.Sort(found)
	found = slices.Compact(found)
	if len(found) > mostWritable {
		more := len(found) - mostWritable
		found = append(found[:mostWritable:mostWritable], fmt.Sprintf("and %d more", more))
	}
	return found
}
