// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"slices"
	"strings"
)

var scopes = []string{
	"database:read", "database:write", "database:*",
	"repository:read", "repository:write", "repository:*", "*",
}

// ValidScope reports whether the service knows a scope.
func ValidScope(scope string) bool { return slices.Contains(scopes, scope) }

// Covers reports whether granted scopes allow what needs one: "*" covers all, "database:*" each database scope.
func Covers(granted []string, needed string) bool {
	family, _, _ := strings.Cut(needed, ":")
	return slices.ContainsFunc(granted, func(scope string) bool {
		return scope == needed || scope == "*" || scope == family+":*"
	})
}
