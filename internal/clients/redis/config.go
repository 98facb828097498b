// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package redis holds how Redis servers are reached.
package redis

import "github.com/terrascale/terraform-provider-terrascale/internal/secret"

// DefaultPort is the server's own.
const DefaultPort = 6379

// Config is how one server is reached.
type Config struct {
	Host     string
	Port     int
	Username string
	Password secret.String
	// TLS encrypts the connection and verifies the certificate.
	TLS bool
	// CAFile is the path of a PEM file with extra roots.
	CAFile string
}
