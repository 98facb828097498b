// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// alter brings the role called name, and who logs in with it, to what is wanted.
func alter(ctx context.Context, tx pgx.Tx, name string, role Role, verifier secret.String) error {
	have, err := readRole(ctx, tx, name)
	if err != nil {
		return err
	}
	if have, err = rename(ctx, tx, have, role.Name); err != nil {
		return err
	}
	if err := enable(ctx, tx, have, role, verifier); err != nil {
		return err
	}
	for _, member := range have.superseded(role) {
		if have.Members[member].CanLogin {
			if err := execute(ctx, tx, disableLogin(member)); err != nil {
				return fmt.Errorf("disable the login of role %s: %w", member, err)
			}
		}
	}
	return nil
}

// rename gives a role and its logins other names.
func rename(ctx context.Context, tx pgx.Tx, have *Observed, name string) (*Observed, error) {
	if have.Name == name {
		return have, nil
	}
	from, to := Logins(have.Name), Logins(name)
	renamed := &Observed{Name: name, Members: map[string]Member{}}
	for _, pair := range [][2]string{{have.Name, name}, {from[0], to[0]}, {from[1], to[1]}} {
		member, ok := have.Members[pair[0]]
		if !ok {
			continue
		}
		if err := create(ctx, tx, pair[1], renameRole(pair[0], pair[1])); err != nil {
			return nil, err
		}
		renamed.Members[pair[1]] = member
	}
	return renamed, nil
}

// create runs a statement that gives a role a name, which may be taken.
func create(ctx context.Context, tx pgx.Tx, name string, sql statement) error {
	err := execute(ctx, tx, sql)
	if answer := serverError(err); answer != nil && answer.Code == codeDuplicateObject {
		return fmt.Errorf("%w: %s", ErrRoleExists, name)
	}
	if err != nil {
		return fmt.Errorf("make role %s: %w", name, err)
	}
	return nil
}

// enable makes or changes whoever logs in. Without a verifier the password in force stays.
func enable(ctx context.Context, tx pgx.Tx, have *Observed, role Role, verifier secret.String) error {
	login := role.login()
	group := ""
	if role.isRotated() {
		group = role.Name
	}
	member, exists := have.Members[login]
	if !exists && verifier.IsEmpty() {
		return fmt.Errorf("%w: %s, and there is no password to make it with", ErrRoleNotFound, login)
	}
	if !exists {
		if err := create(ctx, tx, login, createLogin(login, verifier, role.Attributes, group)); err != nil {
			return err
		}
		return setParameters(ctx, tx, login, Member{}, role.Attributes)
	}
	if err := execute(ctx, tx, alterRole(login, role.Attributes, member.Elevated)); err != nil {
		return fmt.Errorf("alter role %s: %w", login, err)
	}
	if err := setParameters(ctx, tx, login, member, role.Attributes); err != nil {
		return err
	}
	if verifier.IsEmpty() {
		return nil
	}
	if err := execute(ctx, tx, setPassword(login, verifier)); err != nil {
		return fmt.Errorf("set the password of role %s: %w", login, err)
	}
	return nil
}

// setParameters gives a login's sessions the wanted defaults, one statement for each that differs.
func setParameters(ctx context.Context, tx pgx.Tx, name string, have Member, want Attributes) error {
	var statements []statement
	if !have.ReadOnly {
		statements = append(statements, setParameter(name, settingReadOnly, "on"))
	}
	if have.Attributes.StatementTimeout != want.StatementTimeout {
		statements = append(statements, setParameter(name, settingStatementTimeout, timeoutValue(want.StatementTimeout)))
	}
	if have.Attributes.IdleInTransactionSessionTimeout != want.IdleInTransactionSessionTimeout {
		statements = append(statements,
			setParameter(name, settingIdleTimeout, timeoutValue(want.IdleInTransactionSessionTimeout)))
	}
	if err := execute(ctx, tx, statements...); err != nil {
		return fmt.Errorf("set the session defaults of role %s: %w", name, err)
	}
	return nil
}

// superseded lists the members that are not to log in, sorted.
func (o *Observed) superseded(role Role) []string {
	return slices.DeleteFunc(sortedKeys(o.Members), func(member string) bool {
		return member == role.login() || member == role.Previous
	})
}

// retire ends the sessions of logins that are disabled, and drops the logins of a role that is not rotated any more. A
// login that got another password in a rotation was idle or just ended, so that its sessions are old ones, too.
func (s *Server) retire(ctx context.Context, role Role, newPassword bool) error {
	var have *Observed
	err := s.read(ctx, s.config.Database, func(q querier) (err error) {
		if have, err = readRole(ctx, q, role.Name); err != nil || !role.TerminateSessions {
			return err
		}
		oids := []uint32{}
		for _, member := range have.superseded(role) {
			oids = append(oids, have.Members[member].oid)
		}
		if login, ok := have.Members[role.login()]; ok && role.isRotated() && newPassword {
			oids = append(oids, login.oid)
		}
		if len(oids) == 0 {
			return nil
		}
		return terminateSessions(ctx, q, oids)
	})
	if err != nil {
		return err
	}
	if role.isRotated() || role.Previous != "" {
		return nil
	}
	leftover := slices.DeleteFunc(have.superseded(role), func(member string) bool { return member == role.Name })
	if len(leftover) == 0 {
		return nil
	}
	return s.dropMembers(ctx, have, leftover, role.TerminateSessions)
}
