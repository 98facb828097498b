// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"slices"
	"sort"
	"time"
)

// NoConnectionLimit is the connection limit that means none.
const NoConnectionLimit = -1

// Grant is what a role may read in one schema: the listed tables, or all of them where neither Tables nor Columns are
// given. Tables are ordinary, partitioned and foreign tables, views and materialized views.
type Grant struct {
	Database string
	Schema   string
	Tables   []string
	// Columns are those of other tables that may be read one by one, by table.
	Columns map[string][]string
	// Sequences adds all sequences of the schema.
	Sequences bool
	// Except are tables that a grant for all of them leaves out.
	Except []string
}

// coversAll reports whether the grant is for all tables of its schema.
func (g Grant) coversAll() bool { return g.Tables == nil && len(g.Columns) == 0 }

// tables lists all tables that the grant names, sorted.
func (g Grant) tables() []string {
	names := slices.Concat(g.Tables, sortedKeys(g.Columns))
	slices.Sort(names)
	return slices.Compact(names)
}

// futureKinds are the kinds of objects to come that the grant covers, as default privileges name them.
func (g Grant) futureKinds() []string {
	switch {
	case !g.coversAll():
		return nil
	case g.Sequences:
		return []string{"TABLES", "SEQUENCES"}
	default:
		return []string{"TABLES"}
	}
}

// Attributes are what a login role is beside its privileges.
type Attributes struct {
	// ConnectionLimit is the most sessions at a time; NoConnectionLimit for none.
	ConnectionLimit int
	// ValidUntil is when the password stops working; nil for never.
	ValidUntil *time.Time
	// StatementTimeout and IdleInTransactionSessionTimeout are the role's session defaults; zero means not set.
	StatementTimeout                time.Duration
	IdleInTransactionSessionTimeout time.Duration
}

// Role is a read-only login role as it is wanted.
type Role struct {
	Name   string
	Grants []Grant
	// FutureTablesOwnedBy are the owners whose tables to come are readable where a grant covers a whole schema.
	FutureTablesOwnedBy []string
	// Attributes are those of whoever logs in.
	Attributes Attributes
	// Login is who logs in with the privileges: the role itself where it is empty, or one of its two logins (see Logins).
	// With a login of its own, the role itself only holds the privileges and can't log in.
	Login string
	// Previous is a login that stays valid beside Login, through the overlap of a rotation; empty for none.
	Previous string
	// TerminateSessions ends the sessions of a login when it is disabled.
	TerminateSessions bool
}

// Logins gives the names of the two logins that a rotated role has, active in turn.
func Logins(role string) [2]string { return [2]string{role + "_a", role + "_b"} }

// NextLogin gives the login of a role to rotate to from the one that is in use.
func NextLogin(role, current string) string {
	logins := Logins(role)
	if current == logins[0] {
		return logins[1]
	}
	return logins[0]
}

// login gives who logs in.
func (r Role) login() string {
	if r.Login == "" {
		return r.Name
	}
	return r.Login
}

// isRotated reports whether the role has logins of its own.
func (r Role) isRotated() bool { return r.login() != r.Name }

// databases returns the databases that the role is granted something in, sorted.
func (r Role) databases() []string {
	names := make([]string, 0, len(r.Grants))
	for _, grant := range r.Grants {
		names = append(names, grant.Database)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// in returns what of the role concerns one database.
func (r Role) in(database string) wanted {
	w := wanted{role: r.Name, database: database, owners: r.FutureTablesOwnedBy, isUnknown: r.Grants == nil}
	for _, grant := range r.Grants {
		if grant.Database == database {
			w.grants = append(w.grants, grant)
		}
	}
	sort.Slice(w.grants, func(i, j int) bool { return w.grants[i].Schema < w.grants[j].Schema })
	return w
}

// wanted is what a role is to have in one database: nothing at all when there are no grants.
type wanted struct {
	role, database string
	grants         []Grant
	owners         []string
	// isUnknown is set when nothing is known of what is wanted, as after an import.
	isUnknown bool
}

func (w wanted) schemas() []string {
	names := make([]string, 0, len(w.grants))
	for _, grant := range w.grants {
		names = append(names, grant.Schema)
	}
	return names
}

// grant returns the grant for a schema.
func (w wanted) grant(schema string) (Grant, bool) {
	for _, grant := range w.grants {
		if grant.Schema == schema {
			return grant, true
		}
	}
	return Grant{}, false
}

// reads reports whether the role is to read what an entry gives it.
func (w wanted) reads(e entry) bool {
	grant, ok := w.grant(e.Schema)
	switch {
	case !ok:
		return false
	case e.Kind == "SEQUENCE":
		return grant.Sequences
	case e.Kind == "COLUMN":
		return slices.Contains(grant.Columns[e.Name], e.Detail)
	default:
		return grant.coversAll() && !slices.Contains(grant.Except, e.Name) || slices.Contains(grant.Tables, e.Name)
	}
}

// hasDefault reports whether default privileges are exactly such as the role is to have.
func (w wanted) hasDefault(d defaultPrivilege) bool {
	grant, ok := w.grant(d.schema)
	return ok && slices.Contains(grant.futureKinds(), d.kind) && slices.Contains(w.owners, d.owner) && d.isRead()
}
