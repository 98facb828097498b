// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// libpqTLS gives what lib/pq encrypts with, or nil for a connection in clear. Get gives a setting, or a default.
func libpqTLS(mode string, get func(keyword, otherwise string) string) (*tls.Config, error) {
	inline := get("sslinline", "") == "true"
	roots := get("sslrootcert", "")
	config := &tls.Config{Renegotiation: tls.RenegotiateFreelyAsClient}
	chainOnly := false
	switch mode {
	case "disable":
		return nil, nil //nolint:nilnil // nil is the answer.
	case "", "require":
		config.InsecureSkipVerify = true
		if _, err := os.Stat(roots); err == nil {
			chainOnly = true
		} else {
			roots = ""
		}
	case "verify-ca":
		config.InsecureSkipVerify = true
		chainOnly = true
	case "verify-full":
		config.ServerName = get("host", "localhost")
	default:
		return nil, fmt.Errorf("%w: sslmode is %q, and lib/pq knows disable, require, verify-ca and verify-full", ErrSetting, mode)
	}
	if sni := get("sslsni", ""); sni == "" || strings.HasPrefix(sni, "1") {
		config.ServerName = get("host", "localhost")
	}
	if err := addClientCertificate(config, get("sslcert", ""), get("sslkey", ""), inline); err != nil {
		return nil, err
	}
	if err := addRoots(config, roots, inline); err != nil {
		return nil, err
	}
	if chainOnly {
		config.VerifyConnection = verifyAsLibpq(config.RootCAs)
	}
	return config, nil
}

// verifyAsLibpq checks the chain and, as lib/pq v1.10.9 does where it sent one, the name.
func verifyAsLibpq(roots *x509.CertPool) func(tls.ConnectionState) error {
	return func(state tls.ConnectionState) error {
		options := x509.VerifyOptions{DNSName: state.ServerName, Intermediates: x509.NewCertPool(), Roots: roots}
		for _, certificate := range state.PeerCertificates[1:] {
			options.Intermediates.AddCert(certificate)
		}
		_, err := state.PeerCertificates[0].Verify(options)
		return err
	}
}

// addClientCertificate takes two files, or their content. A certificate's file that is not there is no error to lib/pq.
func addClientCertificate(config *tls.Config, certificate, key string, inline bool) error {
	if inline {
		pair, err := tls.X509KeyPair([]byte(certificate), []byte(key))
		if err != nil {
			return fmt.Errorf("%w: sslcert and sslkey are no pair of certificate and key", ErrSetting)
		}
		config.Certificates = []tls.Certificate{pair}
		return nil
	}
	if certificate == "" {
		return nil
	}
	if _, err := os.Stat(certificate); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if info, err := os.Stat(key); err == nil && info.Mode().Perm()&^0o640 != 0 {
		return fmt.Errorf("%w: the file of sslkey is open to others than its owner: chmod 600 it", ErrSetting)
	}
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return fmt.Errorf("%w: sslcert and sslkey: %w", ErrSetting, err)
	}
	config.Certificates = []tls.Certificate{pair}
	return nil
}

// addRoots takes the certificate authorities of a file, or of its content; without any they are the system's.
func addRoots(config *tls.Config, roots string, inline bool) error {
	if roots == "" {
		return nil
	}
	content := []byte(roots)
	if !inline {
		var err error
		if content, err = os.ReadFile(roots); err != nil { //nolint:gosec // The file is the one that the user names.
			return fmt.Errorf("%w: sslrootcert: %w", ErrSetting, err)
		}
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(content) {
		return fmt.Errorf("%w: sslrootcert holds no certificate in PEM form", ErrSetting)
	}
	return nil
}
