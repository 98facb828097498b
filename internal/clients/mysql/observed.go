// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Observed is a user, and who logs in for it, as the server has them.
type Observed struct {
	user     User
	accounts map[string]kept
	grants   map[string][]Grant
	// indirect holds, by member, what it may do beyond what was granted to itself: through whom, by what.
	indirect map[string][]indirect
	// reading is, by member, what lets it read whole databases and tables: of its own, and of the roles that it is in.
	reading map[string][]Grant
	// calls holds what the server's views call with their definers' rights.
	calls []call
	// there lists the server's databases where the user is imported: what may be read is then taken from them.
	there []string
}

// indirect is a privilege that one has by way of somebody else.
type indirect struct {
	grant Grant
	via   string
}

// observe gives the members of a user that are there.
func (r *roster) observe(known User) (*Observed, error) {
	members := known.members()
	if _, there := r.accounts[known.at(known.Name)]; known.Login == "" && !known.Rotated && !there {
		logins := Logins(known.Name)
		members = logins[:]
	}
	o := &Observed{
		user: known, accounts: map[string]kept{}, grants: map[string][]Grant{}, indirect: map[string][]indirect{}, reading: map[string][]Grant{},
		calls: r.calls,
	}
	for _, member := range members {
		who := known.at(member)
		if found, ok := r.accounts[who]; ok {
			o.accounts[member], o.grants[member], o.indirect[member] = found, r.grants[who], r.indirectOf(who)
			o.reading[member] = r.readingOf(who)
		}
	}
	if len(o.accounts) == 0 {
		return nil, fmt.Errorf("%w: %s", ErrUserNotFound, known.at(known.Name))
	}
	if known.Login == "" {
		for _, member := range o.Members() {
			if o.user.Login == "" && member != known.Previous && o.CanLogin(member) {
				o.user.Login = member
			}
		}
	}
	return o, nil
}

// Login gives who logs in, where that is still so. After an import it is whoever can.
func (o *Observed) Login() string {
	if o.CanLogin(o.user.Login) {
		return o.user.Login
	}
	return ""
}

// indirectOf lists what an account may do through others: its roles, what everybody has, and users of the same name, or
// without one, whose hosts overlap. Of those the server takes privileges on databases by name and client, whoever logged in;
// on tables and routines, of the same name only.
func (r *roster) indirectOf(who account) []indirect {
	found := r.throughRoles(r.grants[who], "")
	for _, g := range r.everybody {
		found = append(found, indirect{g, r.through})
	}
	// MariaDB lists what PUBLIC's roles give as PUBLIC's.
	if !r.product.isMariaDB {
		found = append(found, r.throughRoles(r.everybody, through+r.through)...)
	}
	for _, other := range slices.SortedFunc(maps.Keys(r.grants), compareAccounts) {
		isSame := other.user == who.user
		// Without a host it is a role.
		if other == who || other.host == "" || !isSame && other.user != "" || !hostsOverlap(who.host, other.host) {
			continue
		}
		for _, g := range r.grants[other] {
			switch g.Level {
			case Database:
				found = append(found, indirect{g, other.sql()})
			case Table, Column, Routine:
				if isSame {
					found = append(found, indirect{g, other.sql()})
				}
			default:
			}
		}
	}
	return found
}

// throughRoles lists what the roles among grants give, directly or not, by the role that holds it.
func (r *roster) throughRoles(grants []Grant, suffix string) []indirect {
	var found []indirect
	seen, open := map[account]bool{}, slices.Clone(grants)
	for len(open) > 0 {
		g := open[0]
		open = open[1:]
		role := account{g.Object, g.Host}
		if g.Level != Role || g.Privilege != Membership || seen[role] {
			continue
		}
		seen[role] = true
		for _, held := range r.grants[role] {
			// What a role in the role gives is told of that one.
			if held.Level != Role || held.Privilege != Membership {
				found = append(found, indirect{held, aRole + g.Object + suffix})
			}
		}
		open = append(open, r.grants[role]...)
	}
	return found
}

// CanLogin reports whether a member is there, and not locked.
func (o *Observed) CanLogin(member string) bool {
	found, ok := o.accounts[member]
	return ok && !found.locked
}

// PasswordDigest gives a digest of what the server keeps of a member's password; empty for one that is not there.
func (o *Observed) PasswordDigest(member string) string { return o.accounts[member].digest }

// Members names who is there, sorted.
func (o *Observed) Members() []string { return slices.Sorted(maps.Keys(o.accounts)) }

// active lists who is there and is to log in: of a user whose login is not known, whoever is there.
func (o *Observed) active() []string {
	return slices.DeleteFunc(o.Members(), func(member string) bool { return o.user.Login != "" && !o.user.isActive(member) })
}

// RequiresTLS reports whether all who log in have to use TLS, as REQUIRE SSL has them; nil where something else is asked of one.
func (o *Observed) RequiresTLS() *bool {
	var answer *bool
	for i, member := range o.active() {
		found := o.accounts[member].requiresTLS
		if found == nil || i > 0 && *found != *answer {
			return nil
		}
		answer = found
	}
	return answer
}

// MaxUserConnections gives the limit of sessions of who logs in; of two, the one that is not what was last known.
func (o *Observed) MaxUserConnections() int {
	limit := o.user.MaxUserConnections
	for i, member := range o.active() {
		if found := o.accounts[member].maxUserConnections; i == 0 || found != o.user.MaxUserConnections {
			limit = found
		}
	}
	return limit
}

// Grants gives what may be read, sorted by database and each once: what was known, where all who log in have it, whatever gives it,
// and whatever else one of them was granted itself; after an import, all that one of them may read, whatever gives it. A database
// that may be read whole hides what is granted of single tables in it; Excess names that.
func (o *Observed) Grants() []DatabaseGrant {
	known := o.user.wanted()
	count := map[Grant]int{}
	active := o.active()
	for _, member := range active {
		for g := range o.held(member) {
			count[g]++
		}
	}
	whole, tables := []DatabaseGrant{}, map[string][]string{}
	for g, holders := range count {
		if holders < len(active) && slices.Contains(known, g) {
			continue
		}
		if name, ok := literalDatabase(g.Database); g.Level == Database && ok {
			whole = append(whole, DatabaseGrant{Database: name})
		} else {
			tables[g.Database] = append(tables[g.Database], g.Object)
		}
	}
	for database, names := range tables {
		if slices.ContainsFunc(whole, func(d DatabaseGrant) bool { return d.Database == database && d.Tables == nil }) {
			continue
		}
		slices.Sort(names)
		whole = append(whole, DatabaseGrant{Database: database, Tables: names})
	}
	slices.SortFunc(whole, func(a, b DatabaseGrant) int { return strings.Compare(a.Database, b.Database) })
	return whole
}

// readable gives the SELECT of each database and table.
func readable(grants []Grant) map[Grant]bool {
	found := map[Grant]bool{}
	for _, g := range grants {
		_, isOne := literalDatabase(g.Database)
		if (g.Level == Database && isOne || g.Level == Table) && g.Privilege == Select {
			found[g] = true
		}
	}
	return found
}

// covers reports whether a privilege is to read something that may be read anyway.
func covers(granted []Grant, g Grant) bool {
	if g.Privilege != Select && g.Privilege != ShowView {
		return false
	}
	name, isOne := g.Database, true
	if g.Level == Database {
		name, isOne = literalDatabase(g.Database)
	}
	if isOne && contains(granted, Grant{Privilege: Select, Level: Database, Database: pattern(name)}) {
		return true
	}
	table := Grant{Privilege: Select, Level: Table, Database: g.Database, Object: g.Object}
	return (g.Level == Table || g.Level == Column) && contains(granted, table)
}

func contains(grants []Grant, g Grant) bool { return slices.Contains(grants, g) }
