// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// ErrBroken is the driver's, for a connection that ended before.
var ErrBroken = pgconn.ErrConnClosed

// What can be wrong with a role, as sentinels for errors.Is.
var (
	ErrRoleNotFound    = errors.New("the role does not exist")
	ErrRoleExists      = errors.New("the role exists already")
	ErrObjectNotFound  = errors.New("not found in the database")
	ErrRoleOwnsObjects = errors.New("the role owns objects")
	ErrElevatedRole    = errors.New("the role can do more than read")
	ErrIncomplete      = errors.New("the server did not grant everything")
	ErrNoRights        = errors.New("the admin may not do this")
	ErrNoUsername      = errors.New("no username is configured")
	// ErrMayBeLeft means that the server did not say whether it made what it was asked for.
	ErrMayBeLeft      = errors.New("the change may have been made all the same")
	ErrStandby        = errors.New("the server is a standby, which takes no changes")
	ErrAuthentication = errors.New("the server refused the login")
)

// SQLSTATE codes, from the server's documentation, appendix A.
const (
	codeDuplicateObject      = "42710"
	codeSerializationFailure = "40001"
	codeDeadlock             = "40P01"
	codeUniqueViolation      = "23505"
	codeInternal             = "XX000"
	codeLockNotAvailable     = "55P03"
	// classAuthorization begins the codes of a refused login.
	classAuthorization = "28"
)

// concurrentUpdate is what the server says with XX000 when two sessions change one catalogue row.
const concurrentUpdate = "tuple concurrently updated"

func serverError(err error) *pgconn.PgError {
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		return answer
	}
	return nil
}

// isTransient reports whether the same transaction may succeed when it is run again.
func isTransient(err error) bool {
	answer := serverError(err)
	if answer == nil {
		return errors.Is(err, errGuess)
	}
	switch answer.Code {
	case codeSerializationFailure, codeDeadlock:
		return true
	case codeUniqueViolation:
		// Two runs made the admin a member of the same owner, in two databases.
		return strings.HasPrefix(answer.ConstraintName, "pg_auth_members_")
	case codeInternal:
		return strings.Contains(answer.Message, concurrentUpdate)
	default:
		return false
	}
}

// Explain gives an error with all that the server said of it: its words, detail, hint and SQLSTATE.
func Explain(err error) string {
	answer := serverError(err)
	if answer == nil {
		return err.Error()
	}
	text := err.Error()
	if answer.Detail != "" {
		text += "\nDetail: " + answer.Detail
	}
	if answer.Hint != "" {
		text += "\nHint: " + answer.Hint
	}
	return text
}

// withoutSecret takes a secret out of an error's words, and out of all that the server said, however it got there.
func withoutSecret(err error, hidden secret.String) error {
	return reworded(err, func(text string) string { return secret.Hide(text, hidden) })
}

// verifiers are in the words of a server that quotes a statement.
var verifiers = regexp.MustCompile(`SCRAM-SHA-256\$[\w$:+/=]*`)

// withoutVerifiers takes verifiers out of an error's words: passwords can be tried against them.
func withoutVerifiers(err error) error {
	return reworded(err, func(text string) string { return verifiers.ReplaceAllString(text, secret.Redacted) })
}

func reworded(err error, reword func(string) string) error {
	if err == nil {
		return nil
	}
	if answer := serverError(err); answer != nil { // Explain tells these, too.
		for _, words := range []*string{&answer.Message, &answer.Detail, &answer.Hint, &answer.Where, &answer.InternalQuery} {
			*words = reword(*words)
		}
	}
	return secret.Reword(err, reword(err.Error()))
}

// OwnedObjectsError says what keeps a role from being dropped.
type OwnedObjectsError struct {
	Role string
	// Objects are descriptions such as 'table public.orders in database app'.
	Objects []string
}

// Error names the objects.
func (e *OwnedObjectsError) Error() string {
	return fmt.Sprintf("%v: %s", ErrRoleOwnsObjects, strings.Join(e.Objects, ", "))
}

// Unwrap makes errors.Is find ErrRoleOwnsObjects.
func (e *OwnedObjectsError) Unwrap() error { return ErrRoleOwnsObjects }

// MissingError names the schemas, tables or owners that a wanted grant needs and that are not there.
type MissingError struct {
	Database string
	// Objects are descriptions such as 'table public.orders'.
	Objects []string
}

// Error names the objects and the database.
func (e *MissingError) Error() string {
	return fmt.Sprintf("%s in database %s: %v", strings.Join(e.Objects, ", "), e.Database, ErrObjectNotFound)
}

// Unwrap makes errors.Is find ErrObjectNotFound.
func (e *MissingError) Unwrap() error { return ErrObjectNotFound }
