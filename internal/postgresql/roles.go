// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

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
	made := map[string]Privileges{}
	var observed *Observed
	for i, database := range databases {
		isLast := i == len(databases)-1
		err := s.write(ctx, database, func(tx pgx.Tx) (err error) {
			if i == 0 && (role.isRotated() || !isLast) {
				if err := create(ctx, tx, role.Name, createHolder(role.Name)); err != nil {
					return err
				}
			}
			if isLast {
				have := &Observed{Name: role.Name}
				if i > 0 {
					have.Members = map[string]Member{role.Name: {}}
				}
				if err := enable(ctx, tx, have, role, verifier); err != nil {
					return err
				}
			}
			made[database], err = convergeIn(ctx, tx, role.in(database))
			if err == nil && isLast {
				observed, err = readRole(ctx, tx, role.Name)
			}
			return err
		})
		if err != nil && i > 0 {
			// Half a role is worse than none; the caller's context may be the reason of the failure.
			err = errors.Join(err, s.DropRole(context.WithoutCancel(ctx), role.Name, true))
		}
		if err != nil {
			return nil, err
		}
	}
	observed.Databases = made
	return observed, nil
}

// ReadRole reads a role and what it has in each database that it is named in, and in those of the grants given, whose
// schemas are looked at even where the role has nothing in them. A role that is not there is ErrRoleNotFound.
func (s *Server) ReadRole(ctx context.Context, name string, known []Grant) (*Observed, error) {
	var role *Observed
	want := Role{Name: name, Grants: known}
	home := s.config.Database
	if databases := want.databases(); len(databases) > 0 {
		home = databases[0]
	}
	err := s.read(ctx, home, func(q querier) error {
		var err error
		role, err = readRole(ctx, q, name)
		return err
	})
	if err != nil {
		return nil, err
	}
	databases := slices.Concat(role.databases, want.databases())
	slices.Sort(databases)
	for _, database := range slices.Compact(databases) {
		err := s.read(ctx, database, func(q querier) error {
			privileges, err := readPrivileges(ctx, q, role, want.in(database).schemas())
			role.Databases[database] = privileges
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("database %s: %w", database, err)
		}
	}
	return role, nil
}

// UpdateRole brings the role called name to what is wanted, a new name included: who logs in is enabled, a previous login
// that is wanted is left as it is, and any other is disabled. A password that is not empty becomes the login's.
func (s *Server) UpdateRole(ctx context.Context, name string, role Role, password secret.String) error {
	have, err := s.ReadRole(ctx, name, role.Grants)
	if err != nil {
		return err
	}
	var verifier secret.String
	if !password.IsEmpty() {
		if verifier, err = NewVerifier(password); err != nil {
			return err
		}
	}
	databases := slices.Sorted(maps.Keys(have.Databases))
	for i, database := range databases {
		want := role.in(database)
		want.role = name
		err := s.write(ctx, database, func(tx pgx.Tx) error {
			if _, err := convergeIn(ctx, tx, want); err != nil {
				return err
			}
			if i < len(databases)-1 {
				return nil
			}
			// The logins come last: with several databases, a failure before leaves the role known by its old name.
			return alter(ctx, tx, name, role, verifier)
		})
		if err != nil {
			return err
		}
	}
	return s.retire(ctx, role, !verifier.IsEmpty())
}

// convergeIn brings the privileges in one database to what is wanted, and gives them as they are then.
func convergeIn(ctx context.Context, tx pgx.Tx, want wanted) (Privileges, error) {
	role, err := readRole(ctx, tx, want.role)
	if err != nil {
		return Privileges{}, err
	}
	have, err := readPrivileges(ctx, tx, role, want.schemas())
	if err != nil {
		return have, err
	}
	if objects := missing(want, have); len(objects) > 0 {
		return have, &MissingError{Database: want.database, Objects: objects}
	}
	statements := converge(want, have)
	if len(statements) == 0 {
		return have, nil
	}
	if err := execute(ctx, tx, statements...); err != nil {
		return have, fmt.Errorf("change the privileges of role %s in database %s: %w", want.role, want.database, err)
	}
	if have, err = readPrivileges(ctx, tx, role, want.schemas()); err != nil {
		return have, err
	}
	if objects := ungranted(want, have); len(objects) > 0 {
		return have, fmt.Errorf("%w in database %s: %s", ErrIncomplete, want.database, strings.Join(objects, ", "))
	}
	return have, nil
}

// checkObjects fails when what a grant names is not in the database.
func (s *Server) checkObjects(ctx context.Context, want wanted) error {
	return s.read(ctx, want.database, func(q querier) error {
		have := Privileges{Schemas: map[string]Schema{}}
		if err := readSchemas(ctx, q, want.schemas(), &have); err != nil {
			return err
		}
		if objects := missing(want, have); len(objects) > 0 {
			return &MissingError{Database: want.database, Objects: objects}
		}
		return nil
	})
}

func execute(ctx context.Context, q querier, statements ...statement) error {
	for _, sql := range statements {
		// The simple protocol prepares nothing on the server for a command that is run once.
		if _, err := q.Exec(ctx, string(sql), pgx.QueryExecModeSimpleProtocol); err != nil {
			return err
		}
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
