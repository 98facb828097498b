// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package devstack starts and stops the private services that tests, the demo and the benchmark talk to: PostgreSQL
// servers (SCRAM and TLS with a certificate authority of their own, on a free port, never as root), a pooler before one,
// MariaDB, Redis, an SSH bastion, and the TerraScale emulator.
//
// A Stack owns one folder and holds a lock on it for as long as its process lives. Opening a stack sweeps the folders
// whose owner is dead, so that a killed run leaves nothing that blocks the next one.
package devstack
