// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mysql"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// atOnce runs a function for each user at the same time, as Terraform does, and gives the errors.
func atOnce(users []mysql.User, do func(mysql.User) error) []error {
	errs := make([]error, len(users))
	var running sync.WaitGroup
	for i, user := range users {
		running.Go(func() { errs[i] = do(user) })
	}
	running.Wait()
	return errs
}

// Users that are made, changed and dropped at the same time share what is read for them. One that fails fails alone.
func TestUsersThatAreChangedAtOnceShareWhatIsRead(t *testing.T) {
	m, server := newServer(t, "shared")
	users := make([]mysql.User, 10)
	for i := range users {
		users[i] = reader(fmt.Sprintf("shared%d", i), mysql.DatabaseGrant{Database: "shared"})
	}
	users[3].Grants = []mysql.DatabaseGrant{{Database: "shared", Tables: []string{"absent"}}}
	counted := func(do func(mysql.User) error) (errs []error, rosters, definers int) {
		const ofUsers, ofTriggers = "FROM information_schema.USER_PRIVILEGES", "FROM information_schema.TRIGGERS"
		before := m.Logs()
		errs = atOnce(users, do)
		logs := m.Logs()
		return errs, strings.Count(logs, ofUsers) - strings.Count(before, ofUsers), strings.Count(logs, ofTriggers) - strings.Count(before, ofTriggers)
	}
	check := func(errs []error, want error) {
		t.Helper()
		for i, err := range errs {
			if i == 3 {
				require.ErrorIs(t, err, want)
			} else {
				require.NoError(t, err)
			}
		}
	}

	errs, rosters, _ := counted(func(u mysql.User) error {
		seen, err := server.CreateUser(t.Context(), u, secret.New("first of "+u.Name))
		if err == nil && (!seen.CanLogin(u.Name) || len(seen.Grants()) != 1) {
			err = fmt.Errorf("made %v", seen)
		}
		return err
	})
	check(errs, mysql.ErrObjectNotFound)
	require.LessOrEqual(t, rosters, 10)
	for i, user := range users {
		require.Equal(t, i != 3, m.UserExists(user.Name))
		if i != 3 {
			require.NoError(t, m.TryAs(user.Name, secret.New("first of "+user.Name), "SELECT * FROM shared.t"))
		}
	}

	errs, rosters, _ = counted(func(u mysql.User) error {
		want := u
		want.Grants = []mysql.DatabaseGrant{{Database: "shared", Tables: []string{"t"}}}
		_, err := server.UpdateUser(t.Context(), u, want, secret.New("second of "+u.Name))
		return err
	})
	check(errs, mysql.ErrUserNotFound)
	require.LessOrEqual(t, rosters, 5)
	users[3].Grants = users[2].Grants
	_, err := server.CreateUser(t.Context(), users[3], secret.New("x"))
	require.NoError(t, err)
	for _, user := range slices.Delete(slices.Clone(users), 3, 4) {
		require.NoError(t, m.TryAs(user.Name, secret.New("second of "+user.Name), "SELECT * FROM shared.t"))
		require.Error(t, m.TryAs(user.Name, secret.New("second of "+user.Name), "SELECT * FROM shared.v"))
	}

	m.Exec("CREATE DEFINER = 'shared3'@'%' VIEW shared.w AS SELECT 1 AS one")
	errs, rosters, definers := counted(func(u mysql.User) error { return server.DropUser(t.Context(), u) })
	check(errs, mysql.ErrUserIsDefiner)
	require.ErrorContains(t, errs[3], "view shared.w")
	require.LessOrEqual(t, rosters, 5)
	require.LessOrEqual(t, definers, 5)
	for i, user := range users {
		require.Equal(t, i == 3, m.UserExists(user.Name))
	}
	m.Exec("DROP VIEW shared.w")
	require.NoError(t, server.DropUser(t.Context(), users[3]))
}
