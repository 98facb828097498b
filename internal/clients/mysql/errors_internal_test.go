// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// Two passwords of different strength, of which the weak one is a word of what the server says.
func TestAShortPasswordDoesNotShowInAServersWords(t *testing.T) {
	const strong = "0ne-that-is-long"
	for _, weak := range []string{"a", "ab", "select", "syntax", "SQL"} {
		said := &mysql.MySQLError{Number: codeAccessDenied, Message: "You have an error in your SQL syntax near 'select ab' '" + weak + "'"}
		err := classify(said, secret.New(strong), secret.New(weak))
		require.ErrorIs(t, err, ErrAuthentication)
		require.Equal(t, uint16(codeAccessDenied), code(err))
		require.EqualError(t, err, ErrAuthentication.Error()+": "+secret.LeftOut)
	}
	require.EqualError(t, classify(&mysql.MySQLError{Number: 1064, Message: "near '" + strong + "'"}, secret.New(strong)), "Error 1064: near '(redacted)'")
}
