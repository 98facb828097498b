// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package store

import "slices"

// The roles of a member, strongest first.
const (
	Owner    = "owner"
	Admin    = "admin"
	Regular  = "member"
	ReadOnly = "readonly"
)

var roles = []string{Owner, Admin, Regular, ReadOnly}

// ValidRole reports whether there is a role of that name.
func ValidRole(role string) bool { return slices.Contains(roles, role) }

// atLeast reports whether a role can do what the needed role can.
func atLeast(role, needed string) bool {
	have := slices.Index(roles, role)
	return have >= 0 && have <= slices.Index(roles, needed)
}

// Permissions lists what a role may do, in the words of an access token's permissions.
func Permissions(role string) []string {
	switch role {
	case Owner, Admin, Regular:
		return []string{"database:read", "database:write", "repository:read", "repository:write"}
	case ReadOnly:
		return []string{"database:read", "repository:read"}
	default:
		return []string{}
	}
}
