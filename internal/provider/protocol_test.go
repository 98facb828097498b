// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/provider"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/protocol"
)

// world is a service, servers and files, and the provider called message by message.
type world struct {
	*protocol.Provider
	service  *acctest.Emulator
	database *acctest.Database
	mariaDB  *acctest.MariaDB
	redis    *acctest.Redis
	folder   string
	// parent is the id of a database that repositories are in.
	parent string
}

type object = protocol.Object

// newWorld makes a world whose database on both kinds of servers has a name of the test's own.
func newWorld(t *testing.T, name string) *world {
	t.Helper()
	w := &world{
		service:  acctest.NewEmulator(t),
		database: acctest.NewDatabase(t, name, "CREATE TABLE orders (id int)", "CREATE TABLE users (id int)"),
		mariaDB:  acctest.NewMariaDB(t, "CREATE DATABASE "+name, "CREATE TABLE "+name+".orders (id int)"),
		redis:    acctest.NewRedis(t, devstack.RedisOptions{}),
		folder:   t.TempDir(),
	}
	w.Provider = w.configured(t)
	return w
}

// configured serves the provider anew, as another run would.
func (w *world) configured(t *testing.T) *protocol.Provider {
	t.Helper()
	return protocol.New(t, provider.New("test")(), object{
		"endpoint": w.service.URL(), "access_token": w.service.Token.Reveal(), "organization_id": emulator.DefaultOrganizationID,
		"postgresql": object{"main": object{
			"host": w.database.Host, "port": w.database.Port, "username": w.database.Admin, "password": w.database.AdminPassword.Reveal(),
			"database": w.database.Name, "sslrootcert": w.database.Authority.CAFile,
		}},
		"mysql": object{"main": object{
			"host": w.mariaDB.Host, "port": w.mariaDB.Port, "username": w.mariaDB.Admin, "password": w.mariaDB.AdminPassword.Reveal(),
			"ca_file": w.mariaDB.Authority.CAFile,
		}},
		"redis": object{"main": object{
			"host": w.redis.Host, "port": w.redis.Port, "username": w.redis.Admin, "password": w.redis.AdminPassword.Reveal(),
			"ca_file": w.redis.Authority.CAFile,
		}},
	})
}

// sample is a resource as one would write it, and how it is imported. Identity and id are what the resource has, given its state.
type sample struct {
	config object
	// identity gives the attributes of the identity; id makes an import id of them.
	identity []string
	id       func(identity map[string]string) string
}

// samples has every resource, by type name. The repository is of a database that exists.
func (w *world) samples(t *testing.T) map[string]sample {
	t.Helper()
	file := filepath.Join(w.folder, "config.terse")
	if _, err := os.Stat(file); err != nil {
		require.NoError(t, os.WriteFile(file, []byte("adapters: {}\n"), 0o600))
	}
	if w.parent == "" {
		made := w.Create(t, "terrascale_database", object{"name": "parent", "region": "us-east-1", "deletion_protection": false})
		w.parent = protocol.Text(t, made.State, "id")
	}
	joined := func(separators ...string) func(map[string]string) string {
		return func(identity map[string]string) string {
			id := identity[separators[0]]
			for i := 1; i < len(separators); i += 2 {
				id += separators[i] + identity[separators[i+1]]
			}
			return id
		}
	}
	return map[string]sample{
		"terrascale_adapter": {object{
			"config_file": file, "name": "app_db", "connector": "postgres", "connection_string": "{{ env.DATABASE_URL }}",
		}, []string{"config_file", "name"}, joined("config_file", "#", "name")},
		"terrascale_api_key":  {object{"name": "backend", "scopes": []any{"database:read"}, "expires_in": "80d"}, []string{"key_id"}, joined("key_id")},
		"terrascale_database": {object{"name": "orders", "region": "us-east-1", "deletion_protection": false}, []string{"id"}, joined("id")},
		"terrascale_ip_allowlist": {object{
			"entries": object{"127.0.0.0/8": object{}, "203.0.113.0/24": object{"description": "office"}},
		}, []string{"organization_id"}, joined("organization_id")},
		"terrascale_ip_allowlist_entry": {object{"cidr": "198.51.100.0/24", "description": "partner"},
			[]string{"organization_id", "cidr"}, joined("organization_id", "/", "cidr")},
		"terrascale_mysql_readonly_user": {object{"server": "main", "name": w.database.Name, "grants": object{w.database.Name: object{}}},
			[]string{"server", "name", "host"}, joined("server", "/", "name", "@", "host")},
		"terrascale_organization": {object{"name": "Acme", "deletion_protection": false}, []string{"id"}, joined("id")},
		"terrascale_postgresql_readonly_role": {object{
			"server": "main", "name": w.database.Name, "grants": object{w.database.Name + ".public": object{"tables": []any{"orders"}}},
		}, []string{"server", "name"}, joined("server", "/", "name")},
		"terrascale_redis_readonly_user": {object{"server": "main", "name": "gateway", "key_patterns": []any{"app:*"}},
			[]string{"server", "name"}, joined("server", "/", "name")},
		"terrascale_repository": {object{
			"database_id": w.parent, "name": "customers", "entity_name": "Customer", "deletion_protection": false,
			"schema": object{"email": object{"type": "string", "required": true, "max_length": 254}},
		},
			[]string{"database_id", "repository_id"}, joined("database_id", "/", "repository_id")},
		"terrascale_team_member": {object{"email": "grace@example.com", "role": "member"},
			[]string{"organization_id", "email"}, joined("organization_id", "/", "email")},
	}
}

func TestEveryResourceHasAnIdentityAndIsImportedByIt(t *testing.T) {
	w := newWorld(t, "identities")
	samples := w.samples(t)
	require.Equal(t, slices.Sorted(maps.Keys(w.Schemas.ResourceSchemas)), slices.Sorted(maps.Keys(samples)))
	for _, typeName := range slices.Sorted(maps.Keys(samples)) {
		t.Run(typeName, func(t *testing.T) {
			s, p := samples[typeName], w.configured(t)
			made := p.Create(t, typeName, s.config)
			want := map[string]string{}
			for _, name := range s.identity {
				want[name] = protocol.Text(t, made.State, name)
				require.NotEmpty(t, want[name], name)
			}
			require.Equal(t, want, p.IdentityOf(t, typeName, made.Identity), "after a creation")

			read, errors := p.Read(t, made)
			require.Empty(t, errors)
			require.Equal(t, want, p.IdentityOf(t, typeName, read.Identity), "after a refresh")

			// A CLI before 1.12 keeps no identity.
			old := read
			old.Identity = nil
			again, errors := p.Read(t, old)
			require.Empty(t, errors)
			require.Equal(t, want, p.IdentityOf(t, typeName, again.Identity), "of a state without one")

			written := object{}
			for name, value := range want {
				written[name] = value
			}
			for how, imported := range map[string]func() (protocol.Instance, []string){
				"by identity": func() (protocol.Instance, []string) { return w.configured(t).Import(t, typeName, "", written) },
				"by id":       func() (protocol.Instance, []string) { return w.configured(t).Import(t, typeName, s.id(want), nil) },
			} {
				instance, errors := imported()
				require.Empty(t, errors, how)
				require.False(t, instance.State.IsNull(), how)
				require.Equal(t, want, p.IdentityOf(t, typeName, instance.Identity), how)
				for _, name := range s.identity {
					require.Equal(t, want[name], protocol.Text(t, instance.State, name), how)
				}
			}

			require.Empty(t, w.configured(t).Destroy(t, read))
			gone, errors := w.configured(t).Read(t, old)
			require.Empty(t, errors, "what is gone leaves the state, also where no identity was kept")
			stays := slices.Contains([]string{"terrascale_api_key", "terrascale_ip_allowlist"}, typeName) // As revoked, or disabled.
			require.Equal(t, !stays, gone.State.IsNull())
		})
	}
}
