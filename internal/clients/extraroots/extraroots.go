// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package extraroots reads certificate authorities that a configuration names beside the machine's own.
package extraroots

import (
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

// ErrUnusable says that a file of authorities can't be read, or holds none.
var ErrUnusable = errors.New("the file of extra roots can't be used")

// Pool gives the machine's authorities and those of a PEM file. Without a file it is nil, which stands for the machine's own.
// A machine without authorities has those of the file only.
func Pool(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil //nolint:nilnil // nil is the answer.
	}
	content, err := os.ReadFile(file) //nolint:gosec // The file is the one that the user names.
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnusable, err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(content) {
		return nil, fmt.Errorf("%w: %s holds no certificate in PEM form", ErrUnusable, file)
	}
	return pool, nil
}
