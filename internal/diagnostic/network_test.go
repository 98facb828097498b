// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package diagnostic_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mysql"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
)

func TestAServerThatIsNotReachedSaysWhatToDo(t *testing.T) {
	for cause, words := range map[error]string{
		&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}: "No password was sent",
		&net.DNSError{Err: "no such host", Name: "db"}:                       "look names up",
		syscall.ECONNREFUSED:   "that it runs",
		io.ErrUnexpectedEOF:    "broke before the answer",
		mysql.ErrBroken:        "broke before the answer",
		postgresql.ErrBroken:   "broke before the answer",
		errors.New("anything"): "",
	} {
		wrapped := fmt.Errorf("read the users: %w", cause)
		for _, of := range []string{
			diagnostic.MySQL("summary", "main", wrapped).Detail(), diagnostic.PostgreSQL("summary", "main", wrapped).Detail(),
			diagnostic.Redis("summary", "main", wrapped).Detail(),
		} {
			if words == "" {
				require.NotContains(t, of, "\n\n")
				continue
			}
			require.Contains(t, of, "\n\n")
			require.Contains(t, of, words)
		}
	}
}
