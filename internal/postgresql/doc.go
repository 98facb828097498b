// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package postgresql makes, reads and removes read-only login roles on PostgreSQL servers.
//
// A Server holds one small pool of connections for each database. Whatever changes a database runs in one transaction
// under one lock (Server.write), so that any number of roles can be worked on at once. The wanted and the actual
// privileges of a role are values (Privileges); the statements between the two come from a pure function (converge).
package postgresql
