// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/go-sql-driver/mysql"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// ErrBroken is the driver's, for a connection that ended before the answer did.
var ErrBroken = mysql.ErrInvalidConn

// What can be wrong, as sentinels for errors.Is.
var (
	ErrUserNotFound    = errors.New("the user does not exist")
	ErrUserExists      = errors.New("the user exists already")
	ErrOwnUser         = errors.New("the user is the one that the provider logs in as")
	ErrObjectNotFound  = errors.New("not found on the server")
	ErrUserIsDefiner   = errors.New("the user is the definer of objects")
	ErrLowerCase       = errors.New("the server keeps names in lower case")
	ErrNoRights        = errors.New("the admin may not do this")
	ErrNoUsername      = errors.New("no username is configured")
	ErrAuthentication  = errors.New("the server refused the login")
	ErrTooOld          = errors.New("the server is older than MariaDB 10.4 or MySQL 8.0")
	ErrRefusesVerifier = errors.New("the server takes no password but in clear")
	ErrNoTLS           = errors.New("the server offers no TLS")
	ErrNoAnswer        = errors.New("the server did not answer")
	ErrLockTimeout     = errors.New("a statement took too long: another session may hold what it waits for")
	ErrReadOnly        = errors.New("the server takes no changes (read_only)")
	// ErrMayBeLeft says that a user may be on the server that the call was to make, and could not make in full or not take back.
	ErrMayBeLeft = errors.New("something may be left on the server")
)

// Error numbers, from the servers' documentation.
const (
	codeAccessDeniedToDatabase = 1044
	codeAccessDenied           = 1045
	codeNoSuchThread           = 1094
	codeKillDenied             = 1095
	codeNotAllowedToConnect    = 1130
	codeTableAccessDenied      = 1142
	codeLockWaitTimeout        = 1205
	codeDeadlock               = 1213
	codeSpecificAccessDenied   = 1227
	codeOptionPrevents         = 1290
	codeReadOnly               = 1836
	codeStatementTimeout       = 1969
	codeCannotUser             = 1396
	codeCantCreateUser         = 1410
	codeProxyAccessDenied      = 1698
)

// deniedCodes say that the admin lacks a privilege.
var deniedCodes = []uint16{
	codeAccessDeniedToDatabase, codeTableAccessDenied, codeSpecificAccessDenied, codeCantCreateUser, codeProxyAccessDenied, codeKillDenied,
}

// readOnlyOption finds the option of a server that takes no changes in the words of codeOptionPrevents.
var readOnlyOption = regexp.MustCompile(`(?i)read[-_]only`)

// code gives the number of a server's answer, and 0 for any other error.
func code(err error) uint16 {
	if answer, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return answer.Number
	}
	return 0
}

// isTransient reports whether the same statement may succeed when it is run again.
func isTransient(err error) bool {
	return code(err) == codeDeadlock
}

// sentinelOf gives the sentinel that an error stands for, or nil.
func sentinelOf(err error) error {
	switch number := code(err); {
	case number == codeAccessDenied, number == codeNotAllowedToConnect:
		return ErrAuthentication
	case slices.Contains(deniedCodes, number):
		return ErrNoRights
	case number == codeLockWaitTimeout, number == codeStatementTimeout:
		return ErrLockTimeout
	case number == codeReadOnly, number == codeOptionPrevents && readOnlyOption.MatchString(err.Error()):
		return ErrReadOnly
	case number == codeOptionPrevents:
		return ErrRefusesVerifier
	case errors.Is(err, mysql.ErrNoTLS):
		return ErrNoTLS
	default:
		return nil
	}
}

// classify adds the sentinel that an error stands for, and takes secrets out of its words.
func classify(err error, hidden ...secret.String) error {
	if err == nil {
		return nil
	}
	sentinel := sentinelOf(err)
	err = secret.HideError(err, hidden...)
	if sentinel == nil {
		return err
	}
	return fmt.Errorf("%w: %w", sentinel, err)
}
