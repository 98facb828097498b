// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"slices"
	"strings"
)

// DatabaseGrant is what a user may read in one database: the listed tables and views, or all of them where Tables is nil.
type DatabaseGrant struct {
	Database string
	Tables   []string
}

// grants gives the privileges that it comes to: SELECT alone, since reading a view needs no SHOW VIEW.
func (d DatabaseGrant) grants() []Grant {
	if d.Tables == nil {
		return []Grant{{Privilege: Select, Level: Database, Database: pattern(d.Database)}}
	}
	var grants []Grant
	for _, table := range d.Tables {
		grants = append(grants, Grant{Privilege: Select, Level: Table, Database: d.Database, Object: table})
	}
	return grants
}

func (g Grant) of(privilege string) Grant {
	g.Privilege = privilege
	return g
}

// User is a read-only user as it is wanted.
type User struct {
	Name string
	// Host is where it may come from, as the server writes it: %, an address, an address and a netmask, or a pattern of names.
	Host   string
	Grants []DatabaseGrant
	// RequireTLS refuses logins in clear.
	RequireTLS bool
	// MaxUserConnections is the most sessions at a time; 0 for the server's own limit.
	MaxUserConnections int
	// Rotated is set where the user has two logins, active in turn (see Logins).
	Rotated bool
	// Login is who logs in: the user itself, or one of its logins; empty where that is not known, as after an import.
	Login string
	// Previous is a login that stays valid beside Login, through the overlap of a rotation; empty for none.
	Previous string
	// TerminateSessions ends the sessions of a login when it is locked or dropped.
	TerminateSessions bool
}

// Logins gives the names of the two logins that a rotated user has, active in turn.
func Logins(user string) [2]string { return [2]string{user + "_a", user + "_b"} }

// NextLogin gives the login of a user to rotate to from the one that is in use.
func NextLogin(user, current string) string {
	logins := Logins(user)
	if current == logins[0] {
		return logins[1]
	}
	return logins[0]
}

// members are the users on the server that make up this one, sorted.
func (u User) members() []string {
	logins := Logins(u.Name)
	names := []string{u.Name}
	if u.Rotated || slices.Contains(logins[:], u.Login) {
		names = logins[:]
	}
	for _, login := range []string{u.Login, u.Previous} {
		if login != "" {
			names = append(names, login)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// renamed gives a member's name under another name of the user.
func (u User) renamed(member, name string) string { return name + strings.TrimPrefix(member, u.Name) }

// renamedMembers are the members under another name of the user.
func (u User) renamedMembers(name string) []string {
	members := u.members()
	for i, member := range members {
		members[i] = u.renamed(member, name)
	}
	return members
}

// at gives a member as the server tells users apart.
func (u User) at(member string) account { return account{member, u.Host} }

// isActive reports whether a member is to log in.
func (u User) isActive(member string) bool {
	return member != "" && (member == u.Login || member == u.Previous)
}

// wanted gives the privileges of whoever logs in, each once.
func (u User) wanted() []Grant {
	var grants []Grant
	for _, d := range u.Grants {
		grants = append(grants, d.grants()...)
	}
	return grants
}

// isImported reports whether nothing is known yet but who it is.
func (u User) isImported() bool { return u.Login == "" && len(u.Grants) == 0 }
