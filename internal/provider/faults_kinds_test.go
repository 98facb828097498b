// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/faults"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/protocol"
)

// kindOfLife is how a type of resource is made, changed and rotated, and how to see from outside what is there.
type kindOfLife struct {
	typeName string
	protocol faults.Protocol
	rotates  bool
	prepare  func(t *testing.T, l *life)
	// config gives what is wanted at first (0), then changed (1; nil where it can't be), then rotated (2).
	config func(l *life, version int) object
	// look gives all that is there because of the resource, without what differs from one life to another.
	look func(t *testing.T, l *life) any
}

// ofRotation rotates at the last version, without an overlap: what was there before is to be gone at once.
func ofRotation(version int) object {
	return object{"every": "90d", "overlap": "0s", "trigger": fmt.Sprint(max(version, 1))}
}

func ofTimeouts() object {
	return object{"create": faultyOperation, "read": faultyOperation, "update": faultyOperation, "delete": faultyOperation}
}

func kindsOfLife() []kindOfLife {
	service := func(typeName string, rotates bool, config func(l *life, version int) object) kindOfLife {
		return kindOfLife{typeName: typeName, protocol: faults.HTTPS, rotates: rotates, config: config, look: lookAtService}
	}
	either := func(version int, first, then any) any {
		if version == 0 {
			return first
		}
		return then
	}
	repository := service("terrascale_repository", false, func(l *life, version int) object {
		if version > 0 { // Other fields are another repository.
			return nil
		}
		return object{
			"database_id": l.parent, "name": "customers", "entity_name": "Customer", "deletion_protection": false,
			"schema": object{"email": object{"type": "string", "required": true, "max_length": 254}},
		}
	})
	repository.prepare = func(t *testing.T, l *life) {
		t.Helper()
		l.undisturbed(t, func(p *protocol.Provider) {
			made := p.Create(t, "terrascale_database", object{"name": "parent", "region": "us-east-1", "deletion_protection": false})
			l.parent = protocol.Text(t, made.State, "id")
		})
	}
	return []kindOfLife{
		service("terrascale_api_key", true, func(_ *life, version int) object {
			return object{"name": either(version, "backend", "gateway"), "scopes": []any{"database:read"}, "expires_in": "100d", "rotation": ofRotation(version)}
		}),
		service("terrascale_database", false, func(_ *life, version int) object {
			if version > 0 { // Another name is another database.
				return nil
			}
			return object{
				"name": "orders", "region": "us-east-1", "deletion_protection": false,
				"timeouts": object{"create": faultyOperation, "delete": faultyOperation},
			}
		}),
		service("terrascale_ip_allowlist", false, func(_ *life, version int) object {
			return object{"entries": object{
				"127.0.0.0/8": object{}, either(version, "203.0.113.0/24", "198.51.100.0/24").(string): object{"description": either(version, "office", "new office")},
			}}
		}),
		service("terrascale_ip_allowlist_entry", false, func(_ *life, version int) object {
			return object{"cidr": "198.51.100.0/24", "description": either(version, "partner", "new partner")}
		}),
		service("terrascale_organization", false, func(_ *life, version int) object {
			return object{"name": either(version, "Acme", "Acme Corp"), "slug": "acme", "deletion_protection": false}
		}),
		repository,
		service("terrascale_team_member", false, func(_ *life, version int) object {
			return object{"email": "grace@example.com", "role": either(version, "member", "readonly")}
		}),
		{
			typeName: "terrascale_postgresql_readonly_role", protocol: faults.PostgreSQL, rotates: true, look: lookAtPostgreSQL,
			prepare: func(t *testing.T, l *life) {
				t.Helper()
				l.database.Exec("CREATE DATABASE "+l.name, "REVOKE CONNECT, TEMPORARY ON DATABASE "+l.name+" FROM PUBLIC")
				l.database.In(l.name).Exec("CREATE TABLE public.orders (id int)", "CREATE TABLE public.users (id int)", "CREATE SCHEMA reporting", "CREATE TABLE reporting.monthly (id int)")
			},
			config: func(l *life, version int) object {
				return object{
					"server": "main", "name": l.name, "connection_limit": either(version, 5, 6), "statement_timeout": "30s", "rotation": ofRotation(version),
					"timeouts": ofTimeouts(),
					"grants":   object{l.name + ".public": object{"tables": []any{either(version, "orders", "users")}}, l.name + ".reporting": object{}},
				}
			},
		},
		{
			typeName: "terrascale_mysql_readonly_user", protocol: faults.MySQL, rotates: true, look: lookAtMariaDB,
			prepare: func(t *testing.T, l *life) {
				t.Helper()
				l.mariaDB.Exec("CREATE DATABASE "+l.name, "CREATE TABLE "+l.name+".orders (id INT)", "CREATE TABLE "+l.name+".users (id INT)")
			},
			config: func(l *life, version int) object {
				return object{
					"server": "main", "name": l.name, "max_user_connections": either(version, 5, 6), "rotation": ofRotation(version), "timeouts": ofTimeouts(),
					"grants": object{l.name: object{"tables": []any{either(version, "orders", "users")}}},
				}
			},
		},
		{
			typeName: "terrascale_redis_readonly_user", protocol: faults.Redis, rotates: true, look: lookAtRedis,
			config: func(l *life, version int) object {
				return object{
					"server": "main", "name": l.name, "key_patterns": []any{either(version, "app:*", "shop:*")}, "rotation": ofRotation(version), "timeouts": ofTimeouts(),
				}
			},
		},
	}
}

// lookAtService gives what works, is listed or is let in.
func lookAtService(t *testing.T, l *life) any {
	t.Helper()
	const organization = emulator.DefaultOrganizationID
	var found []string
	for _, key := range l.service.APIKeys(organization) {
		if key.Status(time.Now()) == emulator.KeyActive {
			found = append(found, fmt.Sprint("key ", key.Name, key.Scopes, key.ExpiresAt != nil))
		}
	}
	for _, member := range l.service.Members(organization) {
		found = append(found, fmt.Sprint("member ", member.Email, member.Role, member.Status))
	}
	list := l.service.Allowlist(organization)
	found = append(found, fmt.Sprint("allowlist ", list.Enabled))
	for _, entry := range list.Entries {
		found = append(found, fmt.Sprint("entry ", entry.CIDR, entry.Description))
	}
	databases, repositories := l.service.Databases(organization)
	for _, database := range databases {
		found = append(found, fmt.Sprint("database ", database.Name, database.Region))
	}
	for _, repository := range repositories {
		found = append(found, fmt.Sprint("repository ", repository.Name, string(repository.Schema)))
	}
	for _, name := range []string{"Acme", "Acme Corp"} {
		for _, one := range l.service.OrganizationsNamed(name) {
			found = append(found, fmt.Sprint("organization ", one.Name, one.Slug, one.Status))
		}
	}
	slices.Sort(found)
	return found
}

// suffix is what tells one login of a pair from the other.
var suffix = regexp.MustCompile(`_[ab]\b`)

// alike takes a life's name, and which of a pair it is, out of what a server says.
func (l *life) alike(found []string) []string {
	for i, text := range found {
		found[i] = suffix.ReplaceAllString(strings.ReplaceAll(text, l.name, "NAME"), "_x")
	}
	slices.Sort(found)
	return found
}

// lookAtPostgreSQL gives the roles, what they may and who they are members of.
func lookAtPostgreSQL(t *testing.T, l *life) any {
	t.Helper()
	own, prefix := l.database.In(l.name), strings.ReplaceAll(l.name, "_", `\_`)+"%"
	return l.alike(append(own.Texts(`
SELECT format('role %s login %s super %s createdb %s createrole %s limit %s until %s config %s', rolname, rolcanlogin, rolsuper, rolcreatedb, rolcreaterole,
  CASE WHEN rolcanlogin THEN rolconnlimit::text END, rolvaliduntil, rolconfig) FROM pg_roles WHERE rolname LIKE $1
UNION ALL SELECT format('%s is in %s', m.member::regrole, m.roleid::regrole) FROM pg_auth_members m WHERE m.member::regrole::text LIKE $1
UNION ALL SELECT format('database %s: %s %s', datname, a.grantee::regrole, a.privilege_type) FROM pg_database, aclexplode(datacl) a WHERE a.grantee::regrole::text LIKE $1`, prefix),
		own.TextsHere(`
SELECT format('relation %s: %s %s', c.oid::regclass, a.grantee::regrole, a.privilege_type) FROM pg_class c, aclexplode(c.relacl) a WHERE a.grantee::regrole::text LIKE $1
UNION ALL SELECT format('schema %s: %s %s', n.nspname, a.grantee::regrole, a.privilege_type) FROM pg_namespace n, aclexplode(n.nspacl) a WHERE a.grantee::regrole::text LIKE $1
UNION ALL SELECT format('default %s: %s', defaclnamespace::regnamespace, defaclacl) FROM pg_default_acl WHERE $1 <> ''`, prefix)...))
}

// lookAtMariaDB gives the accounts, whether they are locked, and what they may.
func lookAtMariaDB(t *testing.T, l *life) any {
	t.Helper()
	const grants = `
SELECT CONCAT('user ', User, '@', Host, ' locked ', IFNULL(JSON_VALUE(Priv, '$.account_locked'), 0), ' access ', IFNULL(JSON_VALUE(Priv, '$.access'), 0),
  ' connections ', IFNULL(JSON_VALUE(Priv, '$.max_user_connections'), 0)) FROM mysql.global_priv WHERE User REGEXP '^NAME(_[ab])?$'
UNION ALL SELECT CONCAT('database ', Db, ': ', User) FROM mysql.db WHERE User REGEXP '^NAME(_[ab])?$'
UNION ALL SELECT CONCAT('table ', Db, '.', Table_name, ': ', User, ' ', Table_priv) FROM mysql.tables_priv WHERE User REGEXP '^NAME(_[ab])?$'`
	return l.alike(l.mariaDB.Texts(strings.ReplaceAll(grants, "NAME", l.name)))
}

var hashes = regexp.MustCompile(`#[0-9a-f]{64}`)

// lookAtRedis gives the user as ACL LIST has it, without the hashes themselves.
func lookAtRedis(t *testing.T, l *life) any {
	t.Helper()
	lines, err := l.redis.Texts("ACL", "LIST")
	require.NoError(t, err)
	var found []string
	for _, line := range lines {
		if strings.HasPrefix(line, "user "+l.name+" ") || strings.HasPrefix(line, "user "+l.name+"_") {
			found = append(found, hashes.ReplaceAllString(line, "#"))
		}
	}
	return l.alike(found)
}
