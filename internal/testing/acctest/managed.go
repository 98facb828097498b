// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"os"
	"testing"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

// AdminVariable names the environment variable that says who the provider logs in as in acceptance tests: the superuser, or
// "managed": an admin as managed services give one, who may make roles, owns nothing and is a member of nothing.
const AdminVariable = "TEST_POSTGRESQL_ADMIN"

// managed is that admin; nil for the superuser.
var managed *struct {
	username string
	password secret.String
}

// IsManagedAdmin reports whether the provider logs in as the managed admin.
func IsManagedAdmin() bool { return os.Getenv(AdminVariable) != "" }

func makeManagedAdmin(t *testing.T, server *devstack.PostgreSQL) error {
	t.Helper()
	switch kind := os.Getenv(AdminVariable); kind {
	case "":
		return nil
	case "managed":
	default:
		t.Fatalf("%s is %q: write managed, or nothing", AdminVariable, kind)
	}
	managed = &struct {
		username string
		password secret.String
	}{"managed_admin", secret.Generate(secret.DefaultLength)}
	return (&Database{PostgreSQL: server, Name: "postgres", t: t}).TryAs(server.Admin, server.AdminPassword,
		"CREATE ROLE managed_platform", "CREATE ROLE managed_admin LOGIN CREATEROLE CREATEDB PASSWORD '"+managed.password.Reveal()+"'")
}

// handOver gives what the superuser made to an ordinary owner, as on a managed service, where customers own their objects.
// From version 16 on, the admin may administer a role only when it was told so.
const handOver = `
DO $$
DECLARE command text;
BEGIN
  FOR command IN
    SELECT pg_catalog.format('ALTER DATABASE %I OWNER TO managed_platform', d.datname) FROM pg_catalog.pg_database d
    WHERE d.datname = current_database() AND d.datdba = 10
    UNION ALL
    SELECT pg_catalog.format('GRANT CONNECT ON DATABASE %I TO managed_admin', current_database())
    UNION ALL
    SELECT pg_catalog.format('ALTER SCHEMA %I OWNER TO managed_platform', n.nspname) FROM pg_catalog.pg_namespace n
    WHERE n.nspowner = 10 AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
    UNION ALL
    SELECT pg_catalog.format('ALTER TABLE %I.%I OWNER TO managed_platform', n.nspname, c.relname)
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relowner = 10 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg\_%'
      AND n.nspname <> 'information_schema'
    UNION ALL
    SELECT pg_catalog.format('GRANT %I TO managed_admin WITH ADMIN TRUE, INHERIT FALSE, SET FALSE', r.rolname)
    FROM pg_catalog.pg_roles r
    WHERE current_setting('server_version_num')::int >= 160000 AND r.oid >= 16384 AND NOT r.rolsuper
      AND r.rolname <> 'managed_admin' AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles a ON a.oid = m.member
        WHERE m.roleid = r.oid AND a.rolname = 'managed_admin')
  LOOP
    EXECUTE command;
  END LOOP;
END $$`
