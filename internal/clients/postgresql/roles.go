// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// CreateRole makes a role with its privileges, and who logs in with them, and gives what came of it. All that concerns one
// database is one transaction. The login is made in the last one: a run that is killed in between leaves nothing that
// can log in. When a later database fails, what was made is removed.
func (s *Server) CreateRole(ctx context.Context, role Role, password secret.String) (*Observed, error) {
	verifier, err := NewVerifier(password)
	if err != nil {
		return nil, err
	}
	databases := role.databases()
	for _, database := range databases[1:] {
		if err := s.checkObjects(ctx, role.in(database)); err != nil {
			return nil, err
		}
	}
	made := role.asMade(digest(verifier))
	for i, database := range databases {
		isFirst, isLast := i == 0, i == len(databases)-1
		err := s.write(ctx, database, func(p *part) error {
			found, isGuess, err := s.beforeCreate(p, role.in(database))
			if err != nil {
				return err
			}
			members, err := createMembers(role, verifier, isFirst, isLast)
			if err != nil {
				return err
			}
			made.Databases[database], err = s.grantNew(p, made, role.in(database), found, isGuess, members)
			return err
		})
		if err != nil && !isFirst {
			// Half a role is worse than none; the caller's context may be the reason of the failure.
			err = errors.Join(err, s.DropRole(context.WithoutCancel(ctx), role.Name, true))
		}
		if err != nil {
			return nil, err
		}
	}
	return made, nil
}

// asMade gives a role as it is once it has been made.
func (r Role) asMade(digest string) *Observed {
	made := &Observed{
		Name: r.Name, Databases: map[string]Privileges{},
		Members: map[string]Member{
			r.Name: {Attributes: Attributes{ConnectionLimit: NoConnectionLimit}, digest: noPassword},
		},
	}
	made.Members[r.login()] = Member{CanLogin: true, ReadOnly: true, Attributes: r.Attributes, digest: digest}
	return made
}

// createMembers gives the changes that make the role, in the first of its databases, and who logs in, in the last.
func createMembers(role Role, verifier secret.String, isFirst, isLast bool) ([]change, error) {
	var changes []change
	if isFirst && (role.isRotated() || !isLast) {
		changes = naming(role.Name, createHolder(role.Name))
	}
	if !isLast {
		return changes, nil
	}
	have := &Observed{Name: role.Name}
	if !isFirst {
		have.Members = map[string]Member{role.Name: {}}
	}
	enabled, err := enable(have, role, verifier)
	return append(changes, enabled...), err
}

// beforeCreate looks at what a role that is not there yet is to read, or guesses. An admin who may do all needs no look at the access
// lists.
func (s *Server) beforeCreate(p *part, want wanted) (found *contents, isGuess bool, err error) {
	if guessed := s.guess(p, want); guessed != nil {
		return guessed, true, nil
	}
	var entries *scope
	if !p.isSuperuser() {
		entries = &scope{}
	}
	found, err = p.readContents(want.schemas(), entries)
	if err != nil {
		return nil, false, err
	}
	if entries == nil {
		found.database.mayGrant = true
	}
	have := found.privileges(&Observed{Name: want.role}, want)
	if objects := missing(want, have); len(objects) > 0 {
		return nil, false, &MissingError{Database: want.database, Objects: objects}
	}
	return found, false, nil
}

// grantNew makes members of a role, and gives the role what it is to have in one database.
func (s *Server) grantNew(
	p *part, made *Observed, want wanted, found *contents, isGuess bool, members []change,
) (Privileges, error) {
	have := found.privileges(made, want)
	granted := explained(grants(want, have), "grant privileges to role %s in database %s", want.role, want.database)
	r := &request{role: want.role, changes: append(members, granted...)}
	everybody := s.everybodyIn(want.database)
	if everybody != nil {
		r.readable = newReadable(want)
	} else {
		r.entries = &scope{grantees: made.grantees()}
	}
	if isGuess {
		r.schemas = want.schemas()
	}
	err := p.ask(r)
	if isGuess {
		err = s.checkGuess(want, found, r.found, err)
	}
	if err != nil {
		return have, err
	}
	known := found.of(want.schemas())
	if everybody != nil {
		found.adoptReadable(r.readable.entries[want.role], want)
		found.adoptPublic(everybody)
		found.resolveOwners()
	} else {
		s.adopt(found, r.found, want.database, r.entries)
	}
	have = found.privileges(made, want)
	if err := verify(want, have); err != nil {
		return have, err
	}
	s.keepKnown(want.database, known)
	return have, nil
}

// holdingsScope is what has to be read to know what some roles have. What everybody has is looked at once in a run.
func (s *Server) holdingsScope(grantees []string, database string) *scope {
	return &scope{grantees: grantees, withoutPublic: s.everybodyIn(database) != nil}
}

// adopt takes over a reading of what roles have, and adds what everybody has, or remembers it.
func (s *Server) adopt(found, holdings *contents, database string, of *scope) {
	found.adoptEntries(holdings)
	if of.withoutPublic {
		found.adoptPublic(s.everybodyIn(database))
	} else {
		s.keepEverybody(database, found)
	}
}

// UpdateRole brings the role called name to what is wanted, a new name included: who logs in is enabled, a previous login
// that is wanted is left as it is, and any other is disabled. A password that is not empty becomes the login's, and its
// digest is given.
func (s *Server) UpdateRole(ctx context.Context, name string, role Role, password secret.String) (passwordDigest string, err error) {
	var verifier secret.String
	if !password.IsEmpty() {
		if verifier, err = NewVerifier(password); err != nil {
			return "", err
		}
		passwordDigest = digest(verifier)
	}
	databases := role.databases()
	var isPlain bool
	for i := 0; i < len(databases); i++ {
		want := role.in(databases[i])
		want.role = name
		var others []string
		err := s.write(ctx, want.database, func(p *part) error {
			have, err := p.readRole(name)
			if err != nil {
				return err
			}
			others, isPlain = have.databases, len(have.Members) == 1 && !role.isRotated()
			if have, err = s.convergeIn(p, have, want); err != nil {
				return err
			}
			// The logins come last: with several databases, a failure before leaves the role known by its old name.
			if i < len(databases)-1 || i == 0 && slices.ContainsFunc(others, isNoneOf(databases)) {
				return nil
			}
			changes, err := alterations(have, role, verifier)
			if err != nil {
				return err
			}
			return p.finish(role.Name, changes)
		})
		if err != nil {
			return "", err
		}
		if i == 0 { // It may have something in databases that it is to have nothing in.
			further := slices.DeleteFunc(distinct(others), func(other string) bool { return slices.Contains(databases, other) })
			databases = append(databases, further...)
		}
	}
	if isPlain { // There is no login but the role's own.
		return passwordDigest, nil
	}
	return passwordDigest, s.retire(ctx, role, !verifier.IsEmpty())
}

// isNoneOf tells what is not among some names.
func isNoneOf(names []string) func(string) bool {
	return func(name string) bool { return !slices.Contains(names, name) }
}

// convergeIn brings the privileges of a role in one database to what is wanted, and gives the role as it is then.
func (s *Server) convergeIn(p *part, role *Observed, want wanted) (*Observed, error) {
	found, err := p.readContents(want.schemas(), &scope{grantees: role.grantees()})
	if err != nil {
		return nil, err
	}
	have := found.privileges(role, want)
	if objects := missing(want, have); len(objects) > 0 {
		return nil, &MissingError{Database: want.database, Objects: objects}
	}
	changes := converge(want, have)
	if len(changes) == 0 {
		return role, nil
	}
	explained(changes, "change the privileges of role %s in database %s", want.role, want.database)
	// What came through a membership that is taken away is read, too, and does not count.
	r := &request{
		role: want.role, changes: changes,
		names: nameAndLogins(want.role), entries: s.holdingsScope(role.grantees(), want.database),
	}
	if err := p.ask(r); err != nil {
		return nil, err
	}
	if role, err = r.roster.observe(want.role); err != nil {
		return nil, err
	}
	s.adopt(found, r.found, want.database, r.entries)
	return role, verify(want, found.privileges(role, want))
}

// checkObjects fails when what a grant names is not in the database.
func (s *Server) checkObjects(ctx context.Context, want wanted) error {
	return s.read(ctx, want.database, func(q querier) error {
		found := &contents{}
		if err := read(ctx, q, found.readObjects(scope{schemas: want.schemas()})); err != nil {
			return err
		}
		have := found.privileges(&Observed{Name: want.role}, want)
		if objects := missing(want, have); len(objects) > 0 {
			return &MissingError{Database: want.database, Objects: objects}
		}
		return nil
	})
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
