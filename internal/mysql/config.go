// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package mysql holds how MySQL and MariaDB servers are reached.
package mysql

import "github.com/terrascale/terraform-provider-terrascale/internal/secret"

// DefaultPort is the server's own.
const DefaultPort = 3306

// TLSModes are how a connection is encrypted: with a verified certificate, without verification, or not at all.
var TLSModes = []string{"verify", "skip-verify", "off"}

// Config is how one server is reached.
type Config struct {
	Host     string
	Port     int
	Username string
	Password secret.String
	// TLS is one of TLSModes.
	TLS string
	// CAFile is the path of a PEM file with extra roots.
	CAFile string
}
