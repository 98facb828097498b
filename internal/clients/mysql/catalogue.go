// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// productQuery reads what the server is. Names are kept in lower case where the number is not 0.
const productQuery statement = "SELECT VERSION(), @@lower_case_table_names, @@GLOBAL.read_only, @@GLOBAL.innodb_read_only"

// mariaDBAccountsQuery and mySQLAccountsQuery read all users, and of each verifier only a digest that the server computes: name,
// host, that digest, what else opens the login, whether it is locked, how TLS is required (ANY is REQUIRE SSL, empty is none),
// and its limit of sessions. Roles are no users.
const (
	mariaDBAccountsQuery statement = `
SELECT User, Host,
       SHA2(CONCAT(JSON_VALUE(Priv, '$.plugin'), ' ', COALESCE(JSON_VALUE(Priv, '$.authentication_string'), '')), 256),
       CONCAT_WS(' ', JSON_EXTRACT(Priv, '$.auth_or[*].plugin'), IF(JSON_VALUE(Priv, '$.password_last_changed') = 0, 'expired', NULL)),
       IF(JSON_VALUE(Priv, '$.account_locked') IN ('1', 'true'), 1, 0),
       CASE COALESCE(JSON_VALUE(Priv, '$.ssl_type'), 0) WHEN 0 THEN '' WHEN 1 THEN 'ANY' ELSE 'MORE' END,
       COALESCE(JSON_VALUE(Priv, '$.max_user_connections'), 0)
FROM mysql.global_priv WHERE COALESCE(JSON_VALUE(Priv, '$.is_role'), '0') IN ('0', 'false')`
	mySQLAccountsQuery statement = `
SELECT User, Host, SHA2(CONCAT(plugin, ' ', authentication_string), 256),
       CONCAT_WS(' ', IF(JSON_CONTAINS_PATH(COALESCE(User_attributes, '{}'), 'one', '$.additional_password'), 'retained', NULL),
                 IF(password_expired = 'Y', 'expired', NULL)),
       IF(account_locked = 'Y', 1, 0), IF(ssl_type IN ('', 'ANY'), ssl_type, 'MORE'), max_user_connections
FROM mysql.user`
)

// privilegesQuery reads what all users and roles may do, but for routines, other accounts and roles. A privilege of USAGE is
// none, and stands there for the right to pass on.
const privilegesQuery statement = `
SELECT GRANTEE, 'global', '', '', '', PRIVILEGE_TYPE, IS_GRANTABLE FROM information_schema.USER_PRIVILEGES
UNION ALL SELECT GRANTEE, 'database', TABLE_SCHEMA, '', '', PRIVILEGE_TYPE, IS_GRANTABLE FROM information_schema.SCHEMA_PRIVILEGES
UNION ALL SELECT GRANTEE, 'table', TABLE_SCHEMA, TABLE_NAME, '', PRIVILEGE_TYPE, IS_GRANTABLE FROM information_schema.TABLE_PRIVILEGES
UNION ALL SELECT GRANTEE, 'column', TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, PRIVILEGE_TYPE, 'NO'
FROM information_schema.COLUMN_PRIVILEGES`

// othersQuery reads the rest, and the queries after it add roles: user, host, level, the kind of a routine, its database or the
// other's host, its name or the other's, its privileges as a set, and whether it may be passed on. The columns differ in their
// collations, which a UNION does not take.
const (
	othersQuery = `
SELECT CONVERT(User USING utf8mb4), CONVERT(Host USING utf8mb4), 'routine', CONVERT(Routine_type USING utf8mb4), CONVERT(Db USING utf8mb4),
       CONVERT(Routine_name USING utf8mb4), CONVERT(Proc_priv USING utf8mb4), 0 FROM mysql.procs_priv
UNION ALL SELECT CONVERT(User USING utf8mb4), CONVERT(Host USING utf8mb4), 'account', '', CONVERT(Proxied_host USING utf8mb4),
       CONVERT(Proxied_user USING utf8mb4), 'Proxy', With_grant FROM mysql.proxies_priv
`
	mariaDBMembershipsQuery statement = othersQuery + `
UNION ALL SELECT CONVERT(User USING utf8mb4), CONVERT(Host USING utf8mb4), 'role', '', '', CONVERT(Role USING utf8mb4), 'Membership',
       Admin_option = 'Y' FROM mysql.roles_mapping`
	mySQLMembershipsQuery statement = othersQuery + `
UNION ALL SELECT CONVERT(TO_USER USING utf8mb4), CONVERT(TO_HOST USING utf8mb4), 'role', '', CONVERT(FROM_HOST USING utf8mb4),
       CONVERT(FROM_USER USING utf8mb4), 'Membership', WITH_ADMIN_OPTION = 'Y' FROM mysql.role_edges`
)

// What everybody may do: on MariaDB from 10.11 on, that of PUBLIC; on MySQL, the roles that everybody has.
const (
	publicQuery         statement = "SHOW GRANTS FOR PUBLIC"
	mandatoryRolesQuery statement = "SELECT @@GLOBAL.mandatory_roles"
)

// product is what a server is.
type product struct {
	isMariaDB      bool
	major, minor   int
	keepsLowerCase bool
	// takesNoChanges is set on a replica, or a server that is made read-only.
	takesNoChanges bool
}

func (p product) isAtLeast(major, minor int) bool {
	return p.major > major || p.major == major && p.minor >= minor
}

// product reads what the server is, once.
func (s *Server) product(ctx context.Context) (product, error) {
	return s.products.Get(ctx, "", func(ctx context.Context) (product, error) {
		var found product
		var version string
		err := s.collect(ctx, productQuery, 4, func(row []string) {
			version = row[0]
			found = parseVersion(version)
			found.keepsLowerCase = row[1] != "0"
			found.takesNoChanges = !slices.Contains(off, row[2]) || !slices.Contains(off, row[3])
		})
		if err != nil {
			return found, err
		}
		if found.isMariaDB && !found.isAtLeast(10, 4) || !found.isMariaDB && !found.isAtLeast(8, 0) {
			return found, fmt.Errorf("%w: %s", ErrTooOld, version)
		}
		return found, nil
	})
}

// off is how servers say that they are not read-only.
var off = []string{"0", "OFF"}

// CheckWritable is ErrReadOnly for a server that takes no changes, also where the admin's rights would let it write.
func (s *Server) CheckWritable(ctx context.Context) error {
	on, err := s.product(ctx)
	if err == nil && on.takesNoChanges {
		err = ErrReadOnly
	}
	return err
}

// parseVersion reads such as 10.11.6-MariaDB-log and 8.0.40.
func parseVersion(text string) product {
	found := product{isMariaDB: strings.Contains(text, "MariaDB")}
	parts := strings.SplitN(text, ".", 3)
	if len(parts) < 2 {
		return found
	}
	// What is no number leaves 0, which is too old.
	found.major, _ = strconv.Atoi(parts[0])
	found.minor, _ = strconv.Atoi(parts[1])
	return found
}

// roster is what a server knows of users.
type roster struct {
	product  product
	accounts map[account]kept
	// grants holds what each user was granted itself, also of users that are not there any more.
	grants map[account][]Grant
	// everybody holds what everybody may do, and through names what gives it.
	everybody []Grant
	through   string
	// calls holds what views call with their definers' rights.
	calls []call
}

// kept is what the server keeps of one user, beside its privileges.
type kept struct {
	// digest tells one password, and way to check it, from another.
	digest             string
	locked             bool
	requiresTLS        *bool
	maxUserConnections int
}

// roster reads all users of the server. Those who ask until something is written share it.
func (s *Server) roster(ctx context.Context) (*roster, error) {
	return s.rosters.Get(ctx, "", s.readRoster)
}

// rosterNow reads them anew. Those who ask at the same time share it.
func (s *Server) rosterNow(ctx context.Context) (*roster, error) {
	return s.latest.Get(ctx, "", s.readRoster)
}

func (s *Server) readRoster(ctx context.Context) (*roster, error) {
	found, err := s.product(ctx)
	if err != nil {
		return nil, err
	}
	r := &roster{product: found, accounts: map[account]kept{}, grants: map[account][]Grant{}}
	accounts, memberships := mySQLAccountsQuery, mySQLMembershipsQuery
	if found.isMariaDB {
		accounts, memberships = mariaDBAccountsQuery, mariaDBMembershipsQuery
	}
	queries := []query{
		{"read the server's users", accounts, 7, r.addAccount},
		{"read the server's privileges", privilegesQuery, 7, r.addPrivilege},
		{"read the server's roles and routines", memberships, 8, r.addOther},
	}
	var everybody []string
	const ofEverybody = "read what everybody may do"
	switch {
	case !found.isMariaDB:
		r.through = "mandatory_roles"
		queries = append(queries, query{ofEverybody, mandatoryRolesQuery, 1, func(row []string) { everybody = append(everybody, row[0]) }})
	case found.isAtLeast(10, 11):
		r.through = "PUBLIC"
		queries = append(queries, query{ofEverybody, publicQuery, 1, func(row []string) { everybody = append(everybody, row[0]) }})
	}
	if err := s.collectAll(ctx, queries...); err != nil {
		return nil, err
	}
	if err := r.addEverybody(everybody); err != nil {
		return nil, fmt.Errorf("%s: %w", ofEverybody, err)
	}
	r.calls, err = s.callsOfViews(ctx)
	return r, err
}

// addEverybody takes what everybody may do: lists of roles, or grants.
func (r *roster) addEverybody(lines []string) (err error) {
	if r.product.isMariaDB {
		r.everybody, err = ParseGrants(lines)
		return err
	}
	for _, list := range lines {
		err = errors.Join(err, r.addMandatoryRoles(list))
	}
	return err
}

// addMandatoryRoles takes a list such as `reader`@`%`, writer.
func (r *roster) addMandatoryRoles(list string) error {
	if strings.TrimSpace(list) == "" {
		return nil
	}
	tokens, err := tokenize(list)
	if err != nil {
		return err
	}
	r.everybody, err = parseRoles(tokens, false)
	return err
}

func (r *roster) addAccount(row []string) {
	who := kept{digest: row[2], locked: row[4] == "1"}
	if row[3] != "" {
		who.digest += " and " + row[3]
	}
	if row[5] == "" || row[5] == "ANY" {
		requires := row[5] != ""
		who.requiresTLS = &requires
	}
	who.maxUserConnections, _ = strconv.Atoi(row[6]) // The column is a number.
	r.accounts[account{row[0], row[1]}] = who
}

// addPrivilege takes a row of privilegesQuery. The server writes a grantee as 'user'@'host' and doubles no quote in it; a host
// holds none.
func (r *roster) addPrivilege(row []string) {
	user, host, found := cutLast(strings.TrimSuffix(strings.TrimPrefix(row[0], "'"), "'"), "'@'")
	if !found {
		return
	}
	who := account{user, host}
	grant := Grant{Level: Level(row[1]), Database: row[2], Object: row[3], Column: row[4]}
	if row[5] != usage {
		r.grants[who] = append(r.grants[who], grant.of(row[5]))
	}
	if row[6] == "YES" && !contains(r.grants[who], grant.of(GrantOption)) {
		r.grants[who] = append(r.grants[who], grant.of(GrantOption))
	}
}

// addOther takes a row of one of the queries of memberships.
func (r *roster) addOther(row []string) {
	who := account{row[0], row[1]}
	other := Grant{Level: Level(row[2]), Object: row[5]}
	passOn := GrantOption
	switch other.Level {
	case Routine:
		other.RoutineKind, other.Database = row[3], row[4]
	case Role:
		other.Host, passOn = row[4], AdminOption
	default:
		other.Host = row[4]
	}
	for _, privilege := range strings.Split(strings.ToUpper(row[6]), ",") {
		if privilege == "GRANT" {
			privilege = GrantOption
		}
		r.grants[who] = append(r.grants[who], other.of(privilege))
	}
	if row[7] == "1" {
		r.grants[who] = append(r.grants[who], other.of(passOn))
	}
}

func cutLast(text, separator string) (before, after string, found bool) {
	i := strings.LastIndex(text, separator)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(separator):], true
}
