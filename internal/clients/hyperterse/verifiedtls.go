// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

// VerifiedTLS is, for each connector, what to write for a connection that verifies the server.
var VerifiedTLS = map[string]string{
	Postgres: "sslmode=verify-full in connection_string",
	MySQL:    "tls=true in connection_string",
	Redis:    "rediss:// in connection_string",
	MongoDB:  "tls=true in connection_string",
}
