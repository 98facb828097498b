// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/inventory"
)

// rightsQuery reads who asks, what it may ask, and which statements the server logs.
const rightsQuery = `
SELECT CURRENT_USER::text,
       pg_catalog.has_column_privilege('pg_catalog.pg_authid'::regclass, 'rolpassword', 'SELECT'),
       pg_catalog.has_table_privilege('pg_catalog.pg_hba_file_rules'::regclass, 'SELECT')
         AND pg_catalog.has_function_privilege('pg_catalog.pg_hba_file_rules()'::regprocedure, 'EXECUTE'),
       pg_catalog.pg_has_role(CURRENT_USER, 'pg_read_all_stats', 'USAGE'),
       pg_catalog.current_setting('log_statement'), pg_catalog.current_setting('log_min_duration_statement')`

// loggingQuery reads what roles and databases have set about the same.
const loggingQuery = `
SELECT pg_catalog.split_part(c, '=', 1), pg_catalog.split_part(c, '=', 2), COALESCE(r.rolname, '')::text, COALESCE(d.datname, '')::text
FROM pg_catalog.pg_db_role_setting s CROSS JOIN pg_catalog.unnest(s.setconfig) c
LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
WHERE pg_catalog.split_part(c, '=', 1) IN ('log_statement', 'log_min_duration_statement') ORDER BY 1, 3, 4`

// reviewedDatabasesQuery reads which databases there are, and whether the admin may look into them.
const reviewedDatabasesQuery = `
SELECT d.datname::text, pg_catalog.has_database_privilege(d.oid, 'CONNECT') FROM pg_catalog.pg_database d
WHERE d.datallowconn AND NOT d.datistemplate ORDER BY 1`

// inClearQuery reads sessions that neither TLS nor GSSAPI encrypts. Of those whose address the admin may not see there is nothing.
const inClearQuery = `
SELECT a.usename::text, pg_catalog.host(a.client_addr), pg_catalog.count(*)::int
FROM pg_catalog.pg_stat_activity a JOIN pg_catalog.pg_stat_ssl t ON t.pid = a.pid
LEFT JOIN pg_catalog.pg_stat_gssapi g ON g.pid = a.pid
WHERE a.usename IS NOT NULL AND a.client_addr IS NOT NULL AND NOT COALESCE(t.ssl, false) AND NOT COALESCE(g.encrypted, false)
GROUP BY 1, 2 ORDER BY 1, 2`

// storageQuery reads in what way the server keeps each password: it looks at the verifiers itself, and gives none away.
const storageQuery = `
SELECT a.rolname::text, CASE WHEN pg_catalog.starts_with(a.rolpassword, 'SCRAM-SHA-256$') THEN ''
                             WHEN pg_catalog.starts_with(a.rolpassword, 'md5') THEN 'md5' ELSE 'in an unknown way' END
FROM pg_catalog.pg_authid a WHERE a.rolcanlogin AND a.rolpassword IS NOT NULL`

// doorsQuery reads the lines of pg_hba.conf that let somebody in, as the file is now.
const doorsQuery = `
SELECT h.line_number, h.type, h.database, h.user_name, COALESCE(h.address, ''), COALESCE(h.netmask, ''), h.auth_method
FROM pg_catalog.pg_hba_file_rules h WHERE h.error IS NULL AND h.auth_method <> 'reject' ORDER BY 1`

// takeovers are the server's own roles whose members can make themselves superusers, by the server's documentation.
var takeovers = []string{"pg_execute_server_program", "pg_write_server_files"}

// superuserAttributes make a role one that can do everything, or give itself everything.
var superuserAttributes = []string{"SUPERUSER", "CREATEROLE", "BYPASSRLS"}

// rights are what the admin may ask, and settings that all may read.
type rights struct {
	username                               string
	seesVerifiers, seesDoors, seesSessions bool
	logStatement, logDuration              string
	logging                                []loggingSetting
	databases                              []reviewedDatabase
	storage                                map[string]string
	inClear                                []inventory.Session
	doors                                  []inventory.Door
}

type loggingSetting struct{ Name, Value, Role, Database string }

type reviewedDatabase struct {
	Name       string
	MayConnect bool
}

// ReviewLogins reads who can log in to the server, and how. Each database is looked at once, whatever the number of logins.
func (s *Server) ReviewLogins(ctx context.Context) (*inventory.Server, error) {
	roles, err := s.rosterOf(ctx, s.config.Database)
	if err != nil {
		return nil, err
	}
	var asked rights
	err = s.read(ctx, s.config.Database, func(q querier) (err error) {
		asked, err = readRights(ctx, q)
		return err
	})
	if err != nil {
		return nil, err
	}
	found := &inventory.Server{InClear: asked.inClear, Doors: asked.doors, Logged: asked.logged()}
	asked.tell(found)
	all := map[string]*contents{}
	for _, database := range asked.databases {
		c, err := s.reviewContents(ctx, database)
		switch {
		case errors.Is(err, ErrAuthentication) && database.Name != s.config.Database:
			found.Tell(inventory.Privileges, fmt.Sprintf("The admin can't log in to database %s.", database.Name))
		case err != nil:
			return nil, fmt.Errorf("database %s: %w", database.Name, err)
		case c == nil:
			found.Tell(inventory.Privileges, fmt.Sprintf("The admin may not connect to database %s.", database.Name))
		default:
			all[database.Name] = c
		}
	}
	for _, name := range sortedKeys(roles.roles) {
		if roles.roles[name].member.CanLogin {
			found.Logins = append(found.Logins, asked.login(roles, name, all))
		}
	}
	return found, nil
}

// reviewContents reads a database; nil where the admin may not connect to it.
func (s *Server) reviewContents(ctx context.Context, database reviewedDatabase) (*contents, error) {
	if !database.MayConnect {
		return nil, nil
	}
	return s.contentsOf(ctx, database.Name)
}

// readRights reads in two round trips: what one may not read would end the first.
func readRights(ctx context.Context, q querier) (rights, error) {
	found := rights{storage: map[string]string{}}
	if err := read(ctx, q,
		reading{rightsQuery, nil, func(rows pgx.Rows) error {
			_, err := pgx.ForEachRow(rows, []any{
				&found.username, &found.seesVerifiers, &found.seesDoors, &found.seesSessions, &found.logStatement, &found.logDuration,
			}, func() error { return nil })
			return err
		}},
		reading{loggingQuery, nil, collectInto(&found.logging)},
		reading{reviewedDatabasesQuery, nil, collectInto(&found.databases)},
		reading{inClearQuery, nil, collectInto(&found.inClear)},
	); err != nil {
		return found, err
	}
	var more []reading
	if found.seesVerifiers {
		var name, way string
		more = append(more, reading{storageQuery, nil, func(rows pgx.Rows) error {
			_, err := pgx.ForEachRow(rows, []any{&name, &way}, func() error {
				found.storage[name] = way
				return nil
			})
			return err
		}})
	}
	if found.seesDoors {
		more = append(more, reading{doorsQuery, nil, collectInto(&found.doors)})
	}
	if len(more) == 0 {
		return found, nil
	}
	err := read(ctx, q, more...)
	return found, err
}

// tell says what the server, or the admin's rights, leave open.
func (r rights) tell(found *inventory.Server) {
	found.Tell(inventory.LastUse, "PostgreSQL does not record when a login was last used.")
	if !r.seesVerifiers {
		found.Tell(inventory.Passwords, "The admin may not read pg_authid, where passwords are kept.")
		found.Tell(inventory.Expiry, "The admin may not read pg_authid, so which logins have a password is not known.")
	}
	if !r.seesSessions {
		found.Tell(inventory.Encryption, "The admin does not see the sessions of others: it is not a member of pg_read_all_stats.")
	}
	if !r.seesDoors {
		found.Tell(inventory.Doors, "The admin may not read pg_hba_file_rules.")
	}
}

// logged gives the settings that have statements written to the log, the server's first.
func (r rights) logged() []string {
	var found []string
	for _, setting := range slices.Concat([]loggingSetting{
		{Name: "log_statement", Value: r.logStatement}, {Name: "log_min_duration_statement", Value: r.logDuration},
	}, r.logging) {
		isOff := setting.Value == "none"
		if setting.Name == "log_min_duration_statement" {
			isOff = parseTimeout(setting.Value) != 0 || setting.Value == "" || setting.Value[0] == '-'
		}
		if isOff {
			continue
		}
		text := setting.Name + " = " + setting.Value
		if setting.Role != "" {
			text += " for role " + setting.Role
		}
		if setting.Database != "" {
			text += " in database " + setting.Database
		}
		found = append(found, text)
	}
	return found
}

// login gives what is known of one login; all holds the databases that could be looked at.
func (r rights) login(roles *roster, name string, all map[string]*contents) inventory.Login {
	member := roles.roles[name].member
	way, hasPassword := r.storage[name]
	login := inventory.Login{
		Name: name, Own: name == r.username, OldPassword: way, NeverExpires: hasPassword && member.Attributes.ValidUntil == nil,
	}
	self := &Observed{Name: name, Members: map[string]Member{name: {}}, via: roles.reachable(member.oid)}
	for _, role := range append([]string{name}, self.via...) {
		self.Members[role] = Member{}
		suffix := ""
		if role != name {
			suffix = " via " + role
		}
		for _, attribute := range roles.roles[role].member.Elevated {
			if slices.Contains(superuserAttributes, attribute) {
				login.Superuser = append(login.Superuser, attribute+suffix)
			} else {
				login.Writes = append(login.Writes, attribute+suffix)
			}
		}
		switch {
		case slices.Contains(takeovers, role):
			login.Superuser = append(login.Superuser, "membership in "+role)
		case isWriter(role):
			login.Writes = append(login.Writes, "membership in "+role)
		}
	}
	if slices.Contains(login.Superuser, "SUPERUSER") {
		login.Superuser, login.Writes = []string{"SUPERUSER"}, nil // Nothing adds to this.
		return login
	}
	for _, database := range sortedKeys(all) {
		c := all[database]
		for _, text := range texted(slices.Concat(c.writes(self), c.ownedBySelves(self))) {
			login.Writes = append(login.Writes, text+" in database "+database)
		}
	}
	return login
}
