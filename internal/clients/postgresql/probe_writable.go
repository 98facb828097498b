// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/probe"
)

// selvesQuery reads the login and every role that it is, or can become, a member of; for the login that is a superuser,
// itself alone.
const selvesQuery = `
SELECT r.rolname::text, r.rolname = session_user,
       ARRAY(SELECT e.name FROM (VALUES ('SUPERUSER', r.rolsuper), ('CREATEROLE', r.rolcreaterole), ('CREATEDB', r.rolcreatedb),
             ('REPLICATION', r.rolreplication)) AS e (name, held) WHERE e.held)
FROM pg_catalog.pg_roles r, pg_catalog.pg_roles own
WHERE own.rolname = session_user
  AND (r.oid = own.oid OR NOT own.rolsuper AND pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER'))
ORDER BY 1`

// readers are the server's own roles whose members, without a grant on anything, only see more. Members of any other may write: data, files,
// other sessions' ends.
var readers = []string{
	"pg_database_owner", "pg_monitor", "pg_read_all_data", "pg_read_all_settings", "pg_read_all_stats", "pg_read_server_files", "pg_stat_scan_tables",
	"pg_use_reserved_connections",
}

// isWriter reports whether a role is one of the server's own whose members write.
func isWriter(name string) bool {
	return strings.HasPrefix(name, "pg_") && !slices.Contains(readers, name)
}

// alterSystemQuery reads which parameters of the server the login may write, from version 15 on.
const alterSystemQuery = `
SELECT s.name::text FROM pg_catalog.pg_settings s WHERE pg_catalog.has_parameter_privilege(session_user, s.name, 'ALTER SYSTEM') ORDER BY 1`

// writable gives who a session is logged in as, and what it can do beyond reading in the database that it is in: itself,
// through PUBLIC and through roles that it is a member of. A routine that runs
// with its owner's rights counts, whatever it does.
func writable(ctx context.Context, q querier, version int) (username string, found []string, err error) {
	type self struct {
		name     string
		isLogin  bool
		elevated []string
	}
	var selves []self
	if err := read(ctx, q, reading{selvesQuery, nil, func(rows pgx.Rows) error {
		var s self
		_, err := pgx.ForEachRow(rows, []any{&s.name, &s.isLogin, &s.elevated}, func() error {
			s.elevated = slices.Clone(s.elevated)
			selves = append(selves, s)
			return nil
		})
		return err
	}}); err != nil {
		return "", nil, fmt.Errorf("what the login may do: %w", err)
	}
	login := &Observed{Members: map[string]Member{}}
	all := []Excess{}
	for _, s := range selves {
		via := s.name
		if s.isLogin {
			username, login.Name, via = s.name, s.name, ""
		} else {
			login.via = append(login.via, s.name)
		}
		login.Members[s.name] = Member{}
		for _, attribute := range s.elevated {
			all = append(all, Excess{Privilege: attribute, Via: via})
		}
		if isWriter(s.name) {
			all = append(all, Excess{Privilege: "membership in " + s.name})
		}
	}
	if isSuperuser := slices.ContainsFunc(all, func(e Excess) bool { return e.Privilege == "SUPERUSER" && e.Via == "" }); isSuperuser {
		return username, texted(all), nil // No privilege adds to this.
	}
	s, c := scope{grantees: login.grantees()}, &contents{}
	readings := []reading{c.readObjects(s), c.readEntries(s)}
	var parameters []string
	if version >= firstWithParameters {
		readings = append(readings, readTexts(&parameters, alterSystemQuery))
	}
	if err := read(ctx, q, readings...); err != nil {
		return username, nil, fmt.Errorf("what the login may do: %w", err)
	}
	c.resolveOwners()
	c.dropParameters() // alterSystemQuery knows these, and those of everybody.
	for _, parameter := range parameters {
		all = append(all, Excess{Privilege: "ALTER SYSTEM", Object: "parameter " + parameter})
	}
	return username, texted(slices.Concat(all, c.writes(login), c.ownedBySelves(login))), nil
}

// firstWithParameters is the version that has privileges on parameters.
const firstWithParameters = 15

// dropParameters leaves out what a role may do to parameters.
func (c *contents) dropParameters() {
	for holder, indexes := range c.held {
		c.held[holder] = slices.DeleteFunc(indexes, func(i int) bool { return c.entries[i].Kind == "PARAMETER" })
	}
}

func texted(all []Excess) []string {
	found := make([]string, 0, len(all))
	for _, excess := range byObject(all) {
		found = append(found, excess.String())
	}
	return probe.Writes(found)
}

// writes gives the privileges that change data or make objects, without those on what stands in a schema that the login can't enter.
func (c *contents) writes(login *Observed) []Excess {
	// A role that the login is a member of is a way, not another login.
	alone := &Observed{Name: login.Name, Members: map[string]Member{login.Name: {}}, via: login.via}
	open := c.open(alone, nil)
	var found []Excess
	for _, e := range c.entriesOf(alone, nil) {
		if e.writes() && e.isIn(open) {
			found = append(found, e.excess())
		}
	}
	return found
}

// ownedBySelves gives what the login owns, or a role that it is a member of.
func (c *contents) ownedBySelves(login *Observed) []Excess {
	owned := c.owned(login)
	if _, ok := login.Members[c.database.owner]; ok {
		owned = append(owned, Excess{Privilege: "ownership", Object: "the database", Login: c.database.owner})
	}
	for i := range owned {
		if owned[i].Login != login.Name {
			owned[i].Via = owned[i].Login
		}
		owned[i].Login = ""
	}
	return owned
}
