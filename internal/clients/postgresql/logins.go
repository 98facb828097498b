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
	if err := confine(ctx, tx, have, role); err != nil {
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

// create runs a statement that gives a role a name, which may be taken, and others that concern the role.
func create(ctx context.Context, tx pgx.Tx, name string, sql ...statement) error {
	err := execute(ctx, tx, sql...)
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
		statements := []statement{createLogin(login, verifier, role.Attributes, group)}
		return create(ctx, tx, login, append(statements, setParameters(login, Member{}, role.Attributes)...)...)
	}
	statements := []statement{alterRole(login, role.Attributes, member.Elevated)}
	statements = append(statements, setParameters(login, member, role.Attributes)...)
	if !verifier.IsEmpty() {
		statements = append(statements, setPassword(login, verifier))
	}
	if err := execute(ctx, tx, statements...); err != nil {
		return fmt.Errorf("alter role %s: %w", login, err)
	}
	return nil
}

// confine takes from the members beside whoever logs in what goes beyond reading, as enable does from that one.
func confine(ctx context.Context, tx pgx.Tx, have *Observed, role Role) error {
	for _, name := range sortedKeys(have.Members) {
		member := have.Members[name]
		if name == role.login() {
			continue
		}
		var statements []statement
		if len(member.Elevated) > 0 {
			statements = append(statements, takeAttributes(name, member.Elevated))
		}
		if name == role.Previous {
			statements = append(statements, setParameters(name, member, member.Attributes)...)
		}
		if err := execute(ctx, tx, statements...); err != nil {
			return fmt.Errorf("alter role %s: %w", name, err)
		}
	}
	return nil
}

// setParameters gives a login's sessions the wanted defaults and no others, one statement for each that differs.
func setParameters(name string, have Member, want Attributes) []statement {
	var statements []statement
	for _, foreign := range have.foreign {
		statements = append(statements, resetParameter(name, foreign.database, foreign.name))
	}
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
	return statements
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
	have, err := s.lookUp(ctx, role.Name)
	if err != nil {
		return err
	}
	if role.TerminateSessions {
		names := have.superseded(role)
		if _, ok := have.Members[role.login()]; ok && role.isRotated() && newPassword {
			names = append(names, role.login())
		}
		if err := s.terminateSessions(ctx, names); err != nil {
			return err
		}
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
