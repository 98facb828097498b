// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package postgresql makes, reads and removes read-only login roles on PostgreSQL servers.
//
// A Server holds one small pool of connections for each database. Whatever changes a database runs in one transaction
// under one lock (Server.write), so that any number of roles can be worked on at once. The wanted and the actual
// privileges of a role are values (Privileges); the changes between the two come from a pure function (converge), and an
// admin that is not a superuser borrows the rights that they need inside the transaction (actingFor).
//
// Roles that are refreshed in one run share one reading of the server's roles (roster) and of each database (contents), which
// any write drops: what a refresh costs does not grow with the number of roles.
package postgresql
