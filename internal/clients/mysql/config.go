// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package mysql is the client of MySQL and MariaDB servers: users, what they may do, and their sessions.
package mysql

import (
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// DefaultPort is the server's own.
const DefaultPort = 3306

// How a connection is encrypted: with a verified certificate, without verification, or not at all.
const (
	TLSVerify     = "verify"
	TLSSkipVerify = "skip-verify"
	TLSOff        = "off"
)

// TLSModes are all of them, the default first.
var TLSModes = []string{TLSVerify, TLSSkipVerify, TLSOff}

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
	// LockTimeout is the longest that one statement waits for another session. Zero means DefaultLockTimeout.
	LockTimeout time.Duration
}
