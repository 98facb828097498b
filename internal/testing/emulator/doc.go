// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package emulator is a stand-in for the TerraScale management API: for the provider's tests, its demo, and anyone
// who wants to try the provider without an account. It is not the service. It keeps its state in memory or in one
// file, protects nothing worth protecting, and knows only the calls of internal/clients/terrascale/openapi.yaml.
//
// # Use
//
//	server, err := emulator.New(emulator.Options{})   // the default seed, in memory
//	err = server.Start()                              // 127.0.0.1, a free port
//	defer server.Close()
//	token, err := server.IssueToken(emulator.DefaultOwnerEmail, emulator.DefaultOrganizationID)
//
// Tests make requests fail with Inject, change the state behind the provider's back with RevokeKey, AcceptInvitation
// and their like, and look at it with APIKeys, Members, Allowlist, CheckAPIKey and Requests.
//
// # What is published and what is assumed
//
// The calls, their fields and statuses, the roles, scopes, prefixes, tokens' lifetimes and rate limits are what the
// service's reference documentation publishes. The IP allowlist as a whole, paging of API keys, createdBy,
// mfaEnabled, and e-mails as the ids of pending members are assumed, as openapi.yaml marks them.
//
// # What the emulator chose
//
// Where neither says how the service behaves:
//
//   - A login's token acts on the user's personal organization, which every user gets; where that is deleted, on the
//     first one joined.
//   - A wrong password is HTTP 200 with InvalidCredentials (Options.InvalidCredentials401: 401). A wrong, spent or
//     expired code, pending login or challenge is 401. Five wrong codes end a challenge. A TOTP code is good for its
//     step of 30 seconds and one to each side, as often as it is used.
//   - requireMfa is kept and shown; nobody is locked out by it.
//   - A full organization (settings.maxApiKeys, maxMembers, maxDatabases) is a 403 problem naming the setting.
//     maxApiKeys counts keys that are neither revoked nor expired, maxMembers counts invitations too.
//   - The limits: free 3 databases, 10 keys, 5 members; pro 10, 50, 25 (the figures of the published examples of an
//     organization's settings; the plans' own maxTeamMembers, 1 and 10, is only shown); enterprise 10,000 of each.
//   - Revoking a revoked key is 204 again; an unknown key is 404. Lists are in the order of creation. limit outside
//     1 to 100, and a cursor that no list gave out, are 400.
//   - Owners, admins and members create and revoke keys and databases, readonly members see them. Members and the
//     allowlist are the business of admins and owners; anyone but an owner can leave. Only an owner changes or
//     removes an owner. An owner who leaves, and the loss of the last owner, are 409. Owners who have not accepted
//     their invitation do not count.
//   - Strangers get 404 for an organization; 403 when it is the one that their token acts on.
//   - A suspended organization answers 403 to everything but the reading of its own record. A deleted one is 404
//     (403 for calls that act on the token's organization), its keys are 401, its slug is free again. A slug that is taken is 409, also one made from the name.
//   - An update of an organization keeps what it leaves out; billingEmail null or "" clears it.
//   - The IP allowlist is 403 off the plan enterprise, for reading too; there a list that was made before has no
//     effect. An ETag is strong and new with each write. A PUT without If-Match is 400. A CIDR that is not canonical
//     or listed twice is 400. A network that stays in the list keeps its createdAt. Logging in, listing and creating
//     organizations act on none, so no allowlist applies to them.
//   - An address is the connection's; X-Forwarded-For counts only with Options.TrustForwardedFor.
//   - A database is Creating in the answer that creates it, and Active once Options.ProvisioningDelay has passed. Its
//     name is unique in the organization, a repository's in the database: else 409. Any region that is not empty is
//     taken.
//   - Rates are counted in whole seconds, for the organization that the token or key acts on; calls without either,
//     by address. Retry-After is 1. Options.RateLimits changes the numbers.
//   - On the data plane, an item's id is its pk, or pk/sk as one escaped path segment. A key is judged in the order
//     401, suspended, allowlist, scope, and 404 for the database.
//
// # The data file
//
// With Options.DataFile each change is written to one JSON file, in one step, readable by its owner only, before the
// call is answered. Passwords are kept as bcrypt hashes, API keys and refresh tokens as SHA-256 digests; TOTP secrets
// and the key that signs access tokens are in it as they are. lastUsedAt is written with the next change. A file
// of the same name with .lock at its end keeps two emulators apart.
package emulator
