// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

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
		err := s.write(ctx, database, func(tx pgx.Tx) error {
			found, err := s.beforeCreate(ctx, tx, role.in(database))
			if err != nil {
				return err
			}
			if err := createMembers(ctx, tx, role, verifier, isFirst, isLast); err != nil {
				return err
			}
			made.Databases[database], err = s.grantNew(ctx, tx, made, role.in(database), found)
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

// createMembers makes the role in the first of its databases, and who logs in in the last.
func createMembers(ctx context.Context, tx pgx.Tx, role Role, verifier secret.String, isFirst, isLast bool) error {
	if isFirst && (role.isRotated() || !isLast) {
		if err := create(ctx, tx, role.Name, createHolder(role.Name)); err != nil {
			return err
		}
	}
	if !isLast {
		return nil
	}
	have := &Observed{Name: role.Name}
	if !isFirst {
		have.Members = map[string]Member{role.Name: {}}
	}
	return enable(ctx, tx, have, role, verifier)
}

// beforeCreate looks at what a role that is not there yet is to read. An admin who may do all needs no look at the access
// lists.
func (s *Server) beforeCreate(ctx context.Context, tx pgx.Tx, want wanted) (*contents, error) {
	found := &contents{database: grantable{mayGrant: true}}
	of := scope{grantees: []string{}, schemas: want.schemas()}
	readings := []reading{found.readObjects(of)}
	if !isSuperuser(tx.Conn()) {
		readings = append(readings, found.readEntries(of))
	}
	if err := read(ctx, tx, readings...); err != nil {
		return nil, err
	}
	found.resolveOwners()
	have := found.privileges(&Observed{Name: want.role}, want)
	if objects := missing(want, have); len(objects) > 0 {
		return nil, &MissingError{Database: want.database, Objects: objects}
	}
	return found, nil
}

// grantNew gives a role that was just made what it is to have in one database.
func (s *Server) grantNew(ctx context.Context, tx pgx.Tx, made *Observed, want wanted, found *contents) (Privileges, error) {
	have := found.privileges(made, want)
	if err := s.apply(ctx, tx, want.role, grants(want, have)); err != nil {
		return have, fmt.Errorf("grant privileges to role %s in database %s: %w", want.role, want.database, err)
	}
	var err error
	if everybody := s.everybodyIn(want.database); everybody != nil {
		err = found.readNew(ctx, tx, want, everybody)
	} else {
		err = s.readHoldings(ctx, tx, found, made, want.database)
	}
	if err != nil {
		return have, err
	}
	have = found.privileges(made, want)
	return have, verify(want, have)
}

// readHoldings reads what a role has in a database anew. What everybody has is looked at once in a run.
func (s *Server) readHoldings(ctx context.Context, q querier, found *contents, role *Observed, database string) error {
	everybody := s.everybodyIn(database)
	of := scope{grantees: role.grantees(), withoutPublic: everybody != nil}
	if err := read(ctx, q, found.readEntries(of)); err != nil {
		return err
	}
	found.resolveOwners()
	if everybody != nil {
		found.adoptPublic(everybody)
	} else {
		s.keepEverybody(database, found)
	}
	return nil
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
	databases, err := s.databasesOf(ctx, name, role)
	if err != nil {
		return "", err
	}
	for i, database := range databases {
		want := role.in(database)
		want.role = name
		err := s.write(ctx, database, func(tx pgx.Tx) error {
			if err := s.convergeIn(ctx, tx, want); err != nil {
				return err
			}
			if i < len(databases)-1 {
				return nil
			}
			// The logins come last: with several databases, a failure before leaves the role known by its old name.
			return alter(ctx, tx, name, role, verifier)
		})
		if err != nil {
			return "", err
		}
	}
	return passwordDigest, s.retire(ctx, role, !verifier.IsEmpty())
}

// databasesOf names the databases in which a role has something, or is to have it.
func (s *Server) databasesOf(ctx context.Context, name string, role Role) ([]string, error) {
	databases := role.databases()
	err := s.read(ctx, databases[0], func(q querier) error {
		have, err := readRole(ctx, q, name)
		if err == nil {
			databases = append(databases, have.databases...)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(databases)
	return slices.Compact(databases), nil
}

// convergeIn brings the privileges in one database to what is wanted.
func (s *Server) convergeIn(ctx context.Context, tx pgx.Tx, want wanted) error {
	role, err := readRole(ctx, tx, want.role)
	if err != nil {
		return err
	}
	found, err := readContents(ctx, tx, scope{grantees: role.grantees(), schemas: want.schemas()})
	if err != nil {
		return err
	}
	have := found.privileges(role, want)
	if objects := missing(want, have); len(objects) > 0 {
		return &MissingError{Database: want.database, Objects: objects}
	}
	changes := converge(want, have)
	if len(changes) == 0 {
		return nil
	}
	if err := s.apply(ctx, tx, want.role, changes); err != nil {
		return fmt.Errorf("change the privileges of role %s in database %s: %w", want.role, want.database, err)
	}
	if role, err = readRole(ctx, tx, want.role); err != nil {
		return err
	}
	if err := s.readHoldings(ctx, tx, found, role, want.database); err != nil {
		return err
	}
	return verify(want, found.privileges(role, want))
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
