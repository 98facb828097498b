// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/delayproxy"
)

// reader gives a role that reads a schema whole.
func reader(name, database string) postgresql.Role {
	return postgresql.Role{
		Name: name, Grants: []postgresql.Grant{{Database: database, Schema: "public"}},
		Attributes: postgresql.Attributes{ConnectionLimit: postgresql.NoConnectionLimit},
	}
}

// atOnce does something for each of some at the same time, and gives the errors in their order.
func atOnce[T any](all []T, do func(T) error) []error {
	errs := make([]error, len(all))
	var group sync.WaitGroup
	for i, one := range all {
		group.Go(func() { errs[i] = do(one) })
	}
	group.Wait()
	return errs
}

// transactions counts those that began while something was done, and their statements. The pool asks a connection that was idle for a second
// whether it is there: that does not count.
func transactions(t *testing.T, do func()) (begun, statements int) {
	t.Helper()
	meter, err := cluster.NewMeter()
	require.NoError(t, err)
	before := serverLog(t)
	do()
	seen, err := meter.Read()
	require.NoError(t, err)
	logged := strings.TrimPrefix(serverLog(t), before)
	return strings.Count(logged, ": BEGIN ISOLATION"), seen.Statements - strings.Count(logged, ": -- ping")
}

// Twenty changes that come together are one transaction, or a few where the machine is busy, and what they have in common is read, granted and revoked once.
func TestChangesAtOnceShareATransaction(t *testing.T) {
	server, database := newServer(t, "together")
	var roles []postgresql.Role
	for i := range 20 {
		roles = append(roles, reader(fmt.Sprintf("together %d", i), database))
	}
	none := make([]error, len(roles))
	const most = 5
	// The first time it is not known yet how many come at once, nor what everybody has.
	for _, role := range roles {
		create(t, server, role, secret.New("one"))
	}
	require.Equal(t, none, atOnce(roles, func(r postgresql.Role) error { return server.DropRole(t.Context(), r.Name, true) }))

	// BEGIN, lock, look; one CREATE ROLE and one ALTER ROLE SET each; three grants, one look, COMMIT.
	begun, statements := transactions(t, func() {
		require.Equal(t, none, atOnce(roles, func(r postgresql.Role) error {
			_, err := server.CreateRole(t.Context(), r, secret.New("one"))
			return err
		}))
	})
	require.LessOrEqual(t, begun, most)
	require.Equal(t, begun*(3+5)+2*20, statements)
	for _, role := range roles {
		seen, err := look(t, role)
		require.NoError(t, err)
		require.Empty(t, seen.ExcessPrivileges(role.Name))
		grants, _ := seen.Effective(role)
		require.Equal(t, role.Grants, grants)
	}

	// BEGIN, lock, roles, memberships; objects, access lists; one ALTER ROLE and a password each, COMMIT.
	begun, statements = transactions(t, func() {
		require.Equal(t, none, atOnce(roles, func(r postgresql.Role) error {
			_, err := server.UpdateRole(t.Context(), r.Name, r, secret.New("two"))
			return err
		}))
	})
	require.LessOrEqual(t, begun, most)
	require.Equal(t, begun*(4+2+1)+2*20, statements)
	for _, role := range roles {
		as(t, cluster.URL(database, role.Name, secret.New("two")), func(c *pgx.Conn) { require.NoError(t, c.Ping(t.Context())) })
	}

	// Three looks at what is owned, and one elsewhere with its settings; who is connected. Then one REVOKE for all; DROP OWNED and DROP ROLE each.
	begun, statements = transactions(t, func() {
		require.Equal(t, none, atOnce(roles, func(r postgresql.Role) error { return server.DropRole(t.Context(), r.Name, true) }))
	})
	require.LessOrEqual(t, begun, 2*most)
	require.LessOrEqual(t, statements, begun*(4+3+2+2)+3*20)
	require.Empty(t, roleNames(t, "together"))
}

// A change that fails does so with its own error, and takes nothing of the others along, wherever it fails.
func TestChangeThatFailsAmongOthersFailsAlone(t *testing.T) {
	server, database := newServer(t, "among")
	taken := reader("among taken", database)
	create(t, server, taken, secret.New("x"))
	admin(t, "postgres", `CREATE ROLE "among owner"`)
	admin(t, database, `CREATE TABLE "among table" (id int)`, `ALTER TABLE "among table" OWNER TO "among owner"`)

	unknownTable := reader("among unknown", database)
	unknownTable.Grants[0].Tables = []string{"nowhere"}
	unknownOwner := reader("among nobody", database)
	unknownOwner.FutureTablesOwnedBy = []string{"among nobody's owner"}
	roles := []postgresql.Role{
		reader("among 1", database), taken, reader("among 2", database), unknownTable, unknownOwner, reader("among 3", database),
	}
	errs := atOnce(roles, func(r postgresql.Role) error {
		_, err := server.CreateRole(t.Context(), r, secret.New("one"))
		return err
	})
	require.ErrorIs(t, errs[1], postgresql.ErrRoleExists)
	require.ErrorIs(t, errs[3], postgresql.ErrObjectNotFound)
	require.ErrorContains(t, errs[3], "table public.nowhere")
	require.ErrorContains(t, errs[4], "among nobody's owner")
	require.ErrorContains(t, errs[4], "grant privileges to role among nobody in database "+database)
	for _, i := range []int{0, 2, 5} {
		require.NoError(t, errs[i])
		seen, err := look(t, roles[i])
		require.NoError(t, err)
		grants, _ := seen.Effective(roles[i])
		require.Equal(t, roles[i].Grants, grants)
	}
	require.ElementsMatch(t, []string{"among 1", "among 2", "among 3", "among owner", "among taken"}, roleNames(t, "among"))

	// Of those that are dropped, one owns a table, and one is gone already.
	names := []string{"among 1", "among owner", "among gone", "among 2", "among 3"}
	errs = atOnce(names, func(name string) error { return server.DropRole(t.Context(), name, true) })
	require.ErrorIs(t, errs[1], postgresql.ErrRoleOwnsObjects)
	require.ErrorContains(t, errs[1], `table public."among table"`)
	require.ErrorIs(t, errs[2], postgresql.ErrRoleNotFound)
	for _, i := range []int{0, 3, 4} {
		require.NoError(t, errs[i])
	}
	require.ElementsMatch(t, []string{"among owner", "among taken"}, roleNames(t, "among"))
}

// An admin that is not a superuser borrows the rights of owners once for all; where it can't, only those fail who need it.
func TestRightsAreBorrowedForAllAtOnce(t *testing.T) {
	server, database, config := newAdmin(t, "borrow at once", `GRANT "owner of borrow at once" TO "admin of borrow at once" WITH ADMIN OPTION`)
	owned := func(name string) postgresql.Role {
		role := reader(name, database)
		role.Grants[0].Schema, role.FutureTablesOwnedBy = "owned", []string{"owner of borrow at once"}
		return role
	}
	beyond := reader("atonce beyond", database) // The tables are a superuser's, whose rights can't be lent.
	roles := []postgresql.Role{owned("atonce 1"), beyond, owned("atonce 2"), owned("atonce 3")}
	before := memberships(t, config.Username)
	errs := atOnce(roles, func(r postgresql.Role) error {
		_, err := server.CreateRole(t.Context(), r, secret.New("one"))
		return err
	})
	require.ErrorIs(t, errs[1], postgresql.ErrNoRights)
	for _, i := range []int{0, 2, 3} {
		require.NoError(t, errs[i])
		seen, err := look(t, roles[i])
		require.NoError(t, err)
		grants, owners := seen.Effective(roles[i])
		require.Equal(t, roles[i].Grants, grants)
		require.Equal(t, roles[i].FutureTablesOwnedBy, owners)
	}
	require.Equal(t, before, memberships(t, config.Username), "what was borrowed is given back")
	names := []string{"atonce 1", "atonce 2", "atonce 3"}
	require.Equal(t, make([]error, 3), atOnce(names, func(name string) error { return server.DropRole(t.Context(), name, true) }))
	require.Empty(t, roleNames(t, "atonce"))
	require.Equal(t, before, memberships(t, config.Username))
}

// lagging is a context that hears of its deadline when others have acted on it.
type lagging struct {
	context.Context
	deadline time.Time
}

func (l lagging) Deadline() (time.Time, bool) { return l.deadline, true }

// A caller that gives up, or whose time is over, ends its own change. The others go on.
func TestCallerThatGivesUpEndsItsOwnChangeOnly(t *testing.T) {
	server, database := newServer(t, "gives up")
	holder := holding(t, database, "SELECT pg_advisory_xact_lock(8387235716634207073)")
	ctx, cancel := context.WithCancel(t.Context())
	deadline := time.Now().Add(6 * time.Second)
	late, stop := context.WithDeadline(t.Context(), deadline.Add(2*time.Second))
	defer stop()
	contexts := []context.Context{t.Context(), ctx, t.Context(), lagging{late, deadline}}
	go func() {
		<-time.After(time.Second)
		cancel()
		<-late.Done()
		_, _ = holder.Exec(context.WithoutCancel(t.Context()), "ROLLBACK")
	}()
	errs := atOnce([]int{0, 1, 2, 3}, func(i int) error {
		_, err := server.CreateRole(contexts[i], reader(fmt.Sprintf("gives up %d", i), database), secret.New("x"))
		return err
	})
	require.NoError(t, errs[0])
	require.ErrorIs(t, errs[1], context.Canceled)
	require.NoError(t, errs[2])
	require.ErrorIs(t, errs[3], context.DeadlineExceeded)
	require.ErrorContains(t, errs[3], `application "psql of a DBA"`)
	require.ElementsMatch(t, []string{"gives up 0", "gives up 2"}, roleNames(t, "gives up"))
}

// Whoever waited for lock_timeout in a shared transaction does not wait again: all are told of the same session at the same time.
func TestChangesThatWaitForOneLockWaitOnce(t *testing.T) {
	_, database := newServer(t, "wait once")
	server := impatient(t)
	roles := make([]postgresql.Role, 6)
	for i := range roles {
		roles[i] = reader(fmt.Sprintf("wait once %d", i), database)
	}
	for name, lock := range map[string]string{
		"the provider's own lock":          "SELECT pg_advisory_xact_lock(8387235716634207073)",
		"what all are granted the same on": "GRANT SELECT ON public.orders TO CURRENT_USER",
	} {
		t.Run(name, func(t *testing.T) {
			holder := holding(t, database, lock)
			begun, _ := transactions(t, func() {
				errs := atOnce(roles, func(r postgresql.Role) error {
					_, err := server.CreateRole(t.Context(), r, secret.New("x"))
					return err
				})
				for _, err := range errs {
					require.ErrorIs(t, err, postgresql.ErrLockTimeout)
					require.ErrorContains(t, err, fmt.Sprintf("process %d", holder.PgConn().PID()))
				}
			})
			require.LessOrEqual(t, begun, 2, "they may have come in two groups")
			require.Empty(t, roleNames(t, "wait once"))
		})
	}
}

// Roles that are not rotated any more lose their logins, and keep what they read themselves.
func TestLoginsAreDroppedAtOnceAndRolesGoOn(t *testing.T) {
	server, database := newServer(t, "go on")
	var roles []postgresql.Role
	for i := range 3 {
		role := reader(fmt.Sprintf("go on %d", i), database)
		role.Login = postgresql.Logins(role.Name)[0]
		create(t, server, role, secret.New("one"))
		role.Login = ""
		roles = append(roles, role)
	}
	require.Equal(t, make([]error, 3), atOnce(roles, func(r postgresql.Role) error {
		_, err := server.UpdateRole(t.Context(), r.Name, r, secret.New("two"))
		return err
	}))
	for _, role := range roles {
		as(t, cluster.URL(database, role.Name, secret.New("two")), func(c *pgx.Conn) {
			_, err := c.Exec(t.Context(), "SELECT * FROM public.users")
			require.NoError(t, err)
		})
	}
	require.Len(t, roleNames(t, "go on"), 3, "no login is left")
}

// A COMMIT whose outcome is lost may have been carried out: it is not run again, and everybody is told.
func TestChangesWhoseCommitIsLostAreNotMadeAgain(t *testing.T) {
	server, database := newServer(t, "lost commit")
	roles := []postgresql.Role{reader("lost commit 1", database), reader("lost commit 2", database), reader("lost commit 3", database)}
	// Each COMMIT waits for a standby that never comes, and is carried out all the same when the wait is broken off.
	// set changes what new sessions begin with, and waits until they do.
	set := func(standby string, statements ...string) {
		t.Helper()
		admin(t, "postgres", append(statements, "SELECT pg_reload_conf()")...)
		require.Eventually(t, func() (isSet bool) {
			as(t, cluster.AdminURL("postgres"), func(c *pgx.Conn) {
				const query = "SELECT current_setting('synchronous_standby_names') = $1"
				require.NoError(t, c.QueryRow(t.Context(), query, standby).Scan(&isSet))
			})
			return isSet
		}, 30*time.Second, 20*time.Millisecond)
	}
	admin(t, "postgres", "ALTER DATABASE "+pgx.Identifier{database}.Sanitize()+" SET synchronous_commit = 'on'")
	set("nobody", "ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
	breaking, stop := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() {
		const waiting = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE application_name = 'terraform-provider-terrascale' AND wait_event = 'SyncRep'`
		as(t, cluster.AdminURL("postgres"), func(c *pgx.Conn) {
			for breaking.Err() == nil {
				_, err := c.Exec(t.Context(), waiting)
				if !assert.NoError(t, err) { //nolint:testifylint // Not in the test's own goroutine.
					return
				}
				<-time.After(10 * time.Millisecond)
			}
		})
	})
	errs := atOnce(roles, func(r postgresql.Role) error {
		_, err := server.CreateRole(t.Context(), r, secret.New("x"))
		return err
	})
	stop()
	group.Wait()
	set("", "ALTER SYSTEM RESET synchronous_standby_names")
	for _, err := range errs {
		require.ErrorIs(t, err, postgresql.ErrMayBeLeft)
		require.NotErrorIs(t, err, postgresql.ErrRoleExists)
	}
	require.Len(t, roleNames(t, "lost commit"), 3)
}

// Where the server is far, one transaction is on its way while another one's answers are. What is promised of changes holds all the same.
func TestTransactionsOverlapWhereTheServerIsFar(t *testing.T) {
	_, database := newServer(t, "far")
	proxy, err := delayproxy.New(net.JoinHostPort(adminConfig().Host, strconv.Itoa(adminConfig().Port)), 20*time.Millisecond)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, proxy.Close()) })
	config := adminConfig()
	config.Port = proxy.Port()
	server := postgresql.NewServer(config)
	t.Cleanup(server.Close)
	create(t, server, reader("far first", database), secret.New("x"))

	roles := make([]postgresql.Role, 40)
	for i := range roles {
		roles[i] = reader(fmt.Sprintf("far %02d", i), database)
	}
	roles[7] = reader("far first", database)
	inTurn := make(chan postgresql.Role, len(roles)) // As Terraform does: ten at a time, and the next when one has ended.
	for _, role := range roles {
		inTurn <- role
	}
	close(inTurn)
	before := serverLog(t)
	errs := atOnce(make([]struct{}, 10), func(struct{}) (err error) {
		for role := range inTurn {
			_, failed := server.CreateRole(t.Context(), role, secret.New("one"))
			err = errors.Join(err, failed)
		}
		return err
	})
	require.ErrorIs(t, errors.Join(errs...), postgresql.ErrRoleExists)
	require.Equal(t, 1, strings.Count(errors.Join(errs...).Error(), postgresql.ErrRoleExists.Error()), "one fails, and fails alone")
	require.Len(t, roleNames(t, "far"), len(roles))
	open, most, begun := 0, 0, 0
	for line := range strings.SplitSeq(strings.TrimPrefix(serverLog(t), before), "\n") {
		switch {
		case strings.Contains(line, ": BEGIN ISOLATION"):
			open, begun = open+1, begun+1
		case strings.HasSuffix(line, ": COMMIT"), strings.HasSuffix(line, ": ROLLBACK"):
			open--
		}
		most = max(most, open)
	}
	require.Equal(t, 2, most, "two at a time, and no more")
	require.Less(t, begun, len(roles)/2, "changes share transactions")
	for i, role := range roles {
		if i == 7 {
			continue
		}
		seen, err := look(t, role)
		require.NoError(t, err)
		grants, _ := seen.Effective(role)
		require.Equal(t, role.Grants, grants)
	}
}
