// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package diagnostic

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"syscall"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mysql"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
)

// unreachable says what to do where there is no way to a database server; nothing for any other error.
func unreachable(err error) string {
	var (
		resolution  *net.DNSError
		certificate *tls.CertificateVerificationError
	)
	isAny := func(causes ...error) bool {
		for _, cause := range causes {
			if errors.Is(err, cause) {
				return true
			}
		}
		return false
	}
	switch {
	case errors.As(err, &certificate):
		return "No password was sent. Have the server show a certificate that is valid, is for the host that the provider's map names, and is signed by an " +
			"authority that this machine or the server's CA file in that map trusts."
	case errors.As(err, &resolution):
		return "Check the server's host in the provider's map, and that this machine can look names up."
	case isAny(syscall.ECONNREFUSED, syscall.EHOSTUNREACH, syscall.ENETUNREACH):
		return "Check the server's host and port in the provider's map, that it runs, and that this machine may reach it."
	case isAny(io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE, net.ErrClosed, mysql.ErrBroken, postgresql.ErrBroken):
		return "The connection broke before the answer was complete. Apply again: what this run began is finished, or begun anew."
	default:
		return ""
	}
}
