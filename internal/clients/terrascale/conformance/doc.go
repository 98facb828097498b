// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package conformance holds what the client expects of the service against one that answers. Its tests run against the emulator.
// With TERRASCALE_CONFORMANCE_ENDPOINT and TERRASCALE_CONFORMANCE_TOKEN they run against the service at that endpoint, in the
// active organization of that access token (or TERRASCALE_ORGANIZATION_ID, where the token does not say), and list what is assumed beside what the service answered (go test -v).
//
// Point it at an organization that is made for it: the tests make and revoke keys and an invitation there, and leave the
// IP allowlist as it is.
package conformance
