// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"slices"
	"strings"
)

// OrdinaryRoles lists, sorted, whom one could manage as read-only roles: those who log in and can't make themselves superusers, but for the admin
// itself. Of a role with two logins, active in turn, it gives the role that holds the grants.
func (s *Server) OrdinaryRoles(ctx context.Context) ([]string, error) {
	r, err := s.rosterOf(ctx, s.config.Database)
	if err != nil {
		return nil, err
	}
	var names []string
	for name, role := range r.roles {
		isSuperuser := slices.ContainsFunc(role.member.Elevated, func(attribute string) bool { return slices.Contains(superuserAttributes, attribute) })
		if !role.member.CanLogin || isSuperuser || name == s.config.Username || strings.HasPrefix(name, "pg_") {
			continue
		}
		for _, group := range r.groups[role.member.oid] {
			if logins := Logins(group.name); slices.Contains(logins[:], name) && !r.roles[group.name].member.CanLogin {
				name = group.name
			}
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}
