// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"slices"
	"strings"
)

// through joins a privilege and by what one has it; aRole is how that begins where it is a role of one's own.
const (
	through = " via "
	aRole   = "role "
)

// thing is what privileges are told together of: what they are on, and by what one has them; empty where they are one's own.
type thing struct{ on, via string }

// excess gathers what goes beyond reading.
type excess struct {
	privileges map[thing][]string
	others     []string
}

func (e *excess) add(g Grant, via string) {
	what, on := g.words()
	if on == "" {
		if via != "" {
			what += through + via
		}
		e.others = append(e.others, what)
		return
	}
	e.privileges[thing{on, via}] = append(e.privileges[thing{on, via}], what)
}

// texts gives a text for each thing, such as "INSERT, UPDATE on app.orders via PUBLIC", sorted.
func (e *excess) texts() []string {
	found := slices.Clone(e.others)
	for of, privileges := range e.privileges {
		slices.Sort(privileges)
		text := strings.Join(slices.Compact(privileges), ", ") + " on " + of.on
		if of.via != "" {
			text += through + of.via
		}
		found = append(found, text)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// Excess lists what goes beyond reading what Grants gives, sorted: what a member was granted, such as 'INSERT, UPDATE on app.orders';
// what it may do through somebody else, such as 'INSERT on app.orders via PUBLIC'; and a member that could log in and is not to.
func (o *Observed) Excess() []string {
	found := &excess{privileges: map[thing][]string{}}
	granted, known := User{Grants: o.Grants()}.wanted(), o.user.wanted()
	for _, member := range o.Members() {
		if o.user.Login != "" && !o.user.isActive(member) {
			if o.CanLogin(member) {
				found.others = append(found.others, "login as "+member)
			}
			continue
		}
		shown := readable(o.grants[member])
		for _, g := range o.grants[member] {
			if !shown[g] || !contains(granted, g) && !contains(known, g) {
				found.add(g, "")
			}
		}
		for _, i := range o.indirect[member] {
			if i.grant.Privilege != usage && !covers(granted, i.grant) {
				found.add(i.grant, i.via)
			}
		}
		for _, c := range o.calls {
			if o.reads(member, granted, Grant{Privilege: Select, Level: Table, Database: c.database, Object: c.view}) {
				found.others = append(found.others, c.excess())
			}
		}
	}
	return found.texts()
}

// reads reports whether a member may read a table or view: by what was granted, or by way of somebody else.
func (o *Observed) reads(member string, granted []Grant, view Grant) bool {
	return covers(granted, view) || slices.ContainsFunc(o.indirect[member], func(i indirect) bool {
		return i.grant.Privilege == Select && (i.grant.Level == Global || covers([]Grant{i.grant}, view))
	})
}

// RemainingExcess gives what of an excess stays after an apply: what comes by way of somebody else can't be taken from the user. A
// role of its own goes, with all that it gives.
func RemainingExcess(excess []string) []string {
	remaining := []string{}
	for _, text := range excess {
		if i := strings.LastIndex(text, through); i >= 0 && !strings.HasPrefix(text[i+len(through):], aRole) {
			remaining = append(remaining, text)
		}
	}
	return remaining
}
