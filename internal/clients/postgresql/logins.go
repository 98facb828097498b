// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"fmt"
	"slices"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// alterations give the changes that bring a role and who logs in with it to what is wanted. Without a verifier the password in force stays.
func alterations(have *Observed, role Role, verifier secret.String) ([]change, error) {
	have, changes := rename(have, role.Name)
	enabled, err := enable(have, role, verifier)
	if err != nil {
		return nil, err
	}
	changes = append(changes, enabled...)
	changes = append(changes, confine(have, role)...)
	for _, member := range have.superseded(role) {
		if have.Members[member].CanLogin {
			changes = append(changes, explained(changesOf(disableLogin(member)), "disable the login of role %s", member)...)
		}
	}
	return changes, nil
}

// rename gives a role and its logins other names.
func rename(have *Observed, name string) (*Observed, []change) {
	if have.Name == name {
		return have, nil
	}
	from, to := Logins(have.Name), Logins(name)
	renamed := &Observed{Name: name, Members: map[string]Member{}}
	var changes []change
	for _, pair := range [][2]string{{have.Name, name}, {from[0], to[0]}, {from[1], to[1]}} {
		if member, ok := have.Members[pair[0]]; ok {
			changes = append(changes, naming(pair[1], renameRole(pair[0], pair[1]))...)
			renamed.Members[pair[1]] = member
		}
	}
	return renamed, changes
}

// naming gives a statement that gives a role a name, which may be taken, and others that concern the role.
func naming(name string, sql ...statement) []change {
	changes := changesOf(sql...)
	for i := range changes {
		changes[i].explain = func(err error) error {
			if answer := serverError(err); answer != nil && answer.Code == codeDuplicateObject {
				return fmt.Errorf("%w: %s", ErrRoleExists, name)
			}
			return fmt.Errorf("make role %s: %w", name, err)
		}
	}
	return changes
}

// enable makes or changes whoever logs in.
func enable(have *Observed, role Role, verifier secret.String) ([]change, error) {
	login := role.login()
	group := ""
	if role.isRotated() {
		group = role.Name
	}
	member, exists := have.Members[login]
	if !exists && verifier.IsEmpty() {
		return nil, fmt.Errorf("%w: %s, and there is no password to make it with", ErrRoleNotFound, login)
	}
	if !exists {
		statements := []statement{createLogin(login, verifier, role.Attributes, group)}
		return naming(login, append(statements, setParameters(login, Member{}, role.Attributes)...)...), nil
	}
	statements := []statement{alterRole(login, role.Attributes, member.Elevated)}
	statements = append(statements, setParameters(login, member, role.Attributes)...)
	if !verifier.IsEmpty() {
		statements = append(statements, setPassword(login, verifier))
	}
	return explained(changesOf(statements...), "alter role %s", login), nil
}

// confine takes from the members beside whoever logs in what goes beyond reading, as enable does from that one.
func confine(have *Observed, role Role) []change {
	var changes []change
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
		changes = append(changes, explained(changesOf(statements...), "alter role %s", name)...)
	}
	return changes
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
	isKept := role.isRotated() || role.Previous != ""
	if isKept && !role.TerminateSessions {
		return nil
	}
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
	leftovers := func(have *Observed) []string {
		return slices.DeleteFunc(have.superseded(role), func(member string) bool { return member == role.Name })
	}
	if isKept || len(leftovers(have)) == 0 {
		return nil
	}
	return s.dropMembers(ctx, role.Name, role.TerminateSessions, leftovers)
}
