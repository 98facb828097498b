// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/recipients"
	"github.com/terrascale/terraform-provider-terrascale/internal/provider"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
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

// pw is the password of logins that tests make by hand.
var pw = secret.New("pw")

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
func (w *world) configured(t protocol.T) *protocol.Provider {
	t.Helper()
	both := func(server object) object { return object{"main": server, "default": server} }
	return protocol.New(t, provider.New("test")(), object{
		"endpoint": w.service.URL(), "access_token": w.service.Token.Reveal(), "organization_id": emulator.DefaultOrganizationID,
		"postgresql": both(object{
			"host": w.database.Host, "port": w.database.Port, "username": w.database.Admin, "password": w.database.AdminPassword.Reveal(),
			"database": w.database.Name, "sslrootcert": w.database.Authority.CAFile,
		}),
		"mysql": both(object{
			"host": w.mariaDB.Host, "port": w.mariaDB.Port, "username": w.mariaDB.Admin, "password": w.mariaDB.AdminPassword.Reveal(),
			"ca_file": w.mariaDB.Authority.CAFile,
		}),
		"redis": both(object{
			"host": w.redis.Host, "port": w.redis.Port, "username": w.redis.Admin, "password": w.redis.AdminPassword.Reveal(),
			"ca_file": w.redis.Authority.CAFile,
		}),
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

// ofAllTimes gives the attributes of a resource that do not depend on when, and by whom, it was first seen.
func ofAllTimes(t *testing.T, state tftypes.Value) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for name, value := range protocol.Fields(t, state) {
		if name != "password_fingerprint" && name != "password_set_at" {
			texts[name] = value.String()
		}
	}
	return texts
}

// listedBy gives what a list finds, by name.
func (w *world) listedBy(t *testing.T, typeName string, config object) map[string]protocol.Listed {
	t.Helper()
	found, errors := w.configured(t).List(t, typeName, config, true, 100)
	require.Empty(t, errors)
	byName := map[string]protocol.Listed{}
	for _, one := range found {
		byName[one.Name] = one
	}
	require.Len(t, byName, len(found), "names are not unique here")
	return byName
}

// What a list finds is what an import finds, and a configuration that is generated from it plans nothing: of what people made by hand, too.
func TestListsFindWhatImportsFind(t *testing.T) {
	w := newWorld(t, "lists")
	key, _, err := w.service.CreateKey(emulator.DefaultOrganizationID, "by hand", []string{"database:read"}, nil)
	require.NoError(t, err)
	revoked, _, err := w.service.CreateKey(emulator.DefaultOrganizationID, "revoked", []string{"*"}, nil)
	require.NoError(t, err)
	require.NoError(t, w.service.RevokeKey(revoked.ID))
	require.NoError(t, w.service.AddMember(emulator.DefaultOrganizationID, "ada@example.com", "readonly"))
	require.NoError(t, w.service.InviteMember(emulator.DefaultOrganizationID, "guest@example.com", "member"))
	require.NoError(t, w.service.SetAllowlist(emulator.DefaultOrganizationID, true, "127.0.0.0/8", "203.0.113.0/24"))
	w.database.Exec("CREATE ROLE lists_reader LOGIN PASSWORD 'pw'", "GRANT SELECT ON orders TO lists_reader",
		"CREATE ROLE lists_boss SUPERUSER LOGIN", "CREATE ROLE lists_group",
		"CREATE ROLE lists_pair", "CREATE ROLE lists_pair_a LOGIN PASSWORD 'pw'", "GRANT lists_pair TO lists_pair_a", "GRANT SELECT ON users TO lists_pair",
		"CREATE ROLE lists_alone_b LOGIN", "ALTER ROLE lists_alone_b SET default_transaction_read_only = on", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO lists_alone_b",
		"CREATE ROLE lists_nothing LOGIN")
	w.mariaDB.Exec("CREATE USER lists_reader@'10.0.0.0/255.0.0.0' IDENTIFIED BY 'pw'", "GRANT SELECT ON lists.* TO lists_reader@'10.0.0.0/255.0.0.0'",
		"CREATE USER lists_boss", "GRANT ALL ON *.* TO lists_boss WITH GRANT OPTION", "CREATE USER lists_locked ACCOUNT LOCK",
		"CREATE USER lists_pair_a IDENTIFIED BY 'pw'", "CREATE USER lists_pair_b IDENTIFIED BY 'pw'", "CREATE USER lists_alone_b IDENTIFIED BY 'pw'",
		"GRANT SELECT ON lists.orders TO lists_pair_a", "GRANT SELECT ON lists.orders TO lists_alone_b", "CREATE USER lists_nothing IDENTIFIED BY 'pw'")
	t.Cleanup(func() {
		w.mariaDB.Exec("DROP USER lists_reader@'10.0.0.0/255.0.0.0', lists_boss, lists_locked, lists_pair_a, lists_pair_b, lists_alone_b, lists_nothing")
	})
	for _, user := range []string{"reader on >pw %R~app:* +get", "boss on >pw ~* +@all", "off off >pw ~* +get", "keyless on >pw +ping", "whole on >pw ~* +@read"} {
		w.redis.Exec("ACL SETUSER " + user)
	}
	file := filepath.Join(w.folder, "hand.terse")
	require.NoError(t, os.WriteFile(file, []byte("adapters:\n  users_db:\n    connector: postgres\n    connection_string: \"{{ env.A }}\"\n"+
		"  stock_db:\n    connector: mysql\n    connection_string: \"{{ env.B }}\"\n"), 0o600))
	project := filepath.Join(w.folder, "gateway")
	require.NoError(t, os.MkdirAll(filepath.Join(project, "app", "adapters"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(project, ".hyperterse"), []byte("name: gateway\nversion: 1.0.0\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(project, "app", "adapters", "main_db.terse"), []byte("connector: postgres\nconnection_string: \"{{ env.A }}\"\n"), 0o600))
	database := w.Create(t, "terrascale_database", object{"name": "by-hand", "region": "us-east-1"})
	databaseID := protocol.Text(t, database.State, "id")
	w.Create(t, "terrascale_repository", object{"database_id": databaseID, "name": "customers", "entity_name": "Customer"})

	main := object{"server": "main", "name_pattern": "^lists_"}
	for _, one := range []struct {
		typeName string
		config   object
		names    []string
	}{
		{"terrascale_adapter", object{"config_file": file}, []string{"stock_db", "users_db"}},
		{"terrascale_adapter", object{"project": project}, []string{"main_db"}},
		{"terrascale_adapter", object{"config_file": file, "name_pattern": "^stock"}, []string{"stock_db"}},
		{"terrascale_api_key", nil, []string{"by hand"}},
		{"terrascale_database", object{"region": "us-east-1"}, []string{"by-hand"}},
		{"terrascale_database", object{"region": "eu-west-1"}, nil},
		{"terrascale_ip_allowlist_entry", nil, []string{"127.0.0.0/8", "203.0.113.0/24"}},
		{"terrascale_mysql_readonly_user", main, []string{"lists_alone_b@%", "lists_pair@%", "lists_reader@10.0.0.0/8"}},
		{"terrascale_organization", nil, []string{"Emulated organization", "Personal"}},
		{"terrascale_postgresql_readonly_role", main, []string{"lists_alone_b", "lists_pair", "lists_reader"}},
		{"terrascale_redis_readonly_user", object{"server": "main"}, []string{"keyless", "reader", "whole"}},
		{"terrascale_repository", nil, []string{"customers"}},
		{"terrascale_repository", object{"database_id": databaseID}, []string{"customers"}},
		{"terrascale_team_member", object{"role": "readonly"}, []string{"ada@example.com"}},
		{"terrascale_team_member", object{"name_pattern": "guest"}, []string{"guest@example.com"}},
	} {
		t.Run(one.typeName, func(t *testing.T) {
			if one.config == nil {
				one.config = object{}
			}
			found := w.listedBy(t, one.typeName, one.config)
			require.Equal(t, one.names, slices.Sorted(maps.Keys(found)))
			for name, listed := range found {
				identity := object{}
				for attribute, value := range w.IdentityOf(t, one.typeName, listed.Identity) {
					identity[attribute] = value
				}
				p := w.configured(t)
				imported, errors := p.Import(t, one.typeName, "", identity)
				require.Empty(t, errors, name)
				require.Equal(t, ofAllTimes(t, imported.State), ofAllTimes(t, listed.Resource), name)
				config := p.Generated(t, one.typeName, listed.Resource)
				require.Empty(t, p.Validate(t, one.typeName, config), name)
				plan := p.Plan(t, imported, config)
				require.Empty(t, plan.Errors, name)
				before, after := protocol.Fields(t, imported.State), protocol.Fields(t, plan.Planned)
				if strings.Contains(one.typeName, "_readonly_") { // What a login by hand has beyond reading is planned to go.
					delete(before, "excess_privileges")
					delete(after, "excess_privileges")
				}
				require.Equal(t, fmt.Sprint(before), fmt.Sprint(after), name)
			}
		})
	}
	for _, one := range []struct {
		typeName string
		config   object
		words    string
	}{
		{"terrascale_adapter", object{}, "either project"},
		{"terrascale_adapter", object{"project": w.folder}, "Unable to list adapters"},
		{"terrascale_api_key", object{"name_pattern": "("}, "Invalid regular expression"},
		{"terrascale_postgresql_readonly_role", object{"server": "gone"}, "no server \"gone\""},
		{"terrascale_team_member", object{"organization_id": "org_gone"}, "org_gone"},
	} {
		_, errors := w.configured(t).List(t, one.typeName, one.config, true, 100)
		require.Len(t, errors, 1, one.typeName)
		require.Contains(t, errors[0], one.words)
	}
	limited, errors := w.configured(t).List(t, "terrascale_postgresql_readonly_role", main, false, 2)
	require.Empty(t, errors)
	require.Len(t, limited, 2)
	require.True(t, limited[0].Resource.IsNull(), "not asked for")
	require.Equal(t, map[string]string{"key_id": key.ID}, w.IdentityOf(t, "terrascale_api_key", w.listedBy(t, "terrascale_api_key", object{})["by hand"].Identity))
}

func TestAKeyIsRevokedByAnAction(t *testing.T) {
	w := newWorld(t, "revocations")
	key, _, err := w.service.CreateKey(emulator.DefaultOrganizationID, "leaked", []string{"*"}, nil)
	require.NoError(t, err)
	const revoke = "terrascale_api_key_revoke"
	progress, errors := w.Invoke(t, revoke, object{"key_id": key.ID})
	require.Empty(t, errors)
	require.Equal(t, []string{
		fmt.Sprintf("Revoking key %s (leaked, %s…).", key.ID, key.Prefix), fmt.Sprintf("Key %s is revoked.", key.ID),
	}, progress)
	require.True(t, w.service.APIKeys(emulator.DefaultOrganizationID)[0].Revoked)
	progress, errors = w.Invoke(t, revoke, object{"key_id": key.ID})
	require.Empty(t, errors)
	require.Equal(t, []string{fmt.Sprintf("Key %s (leaked, %s…) was revoked before.", key.ID, key.Prefix)}, progress)

	_, errors = w.Invoke(t, revoke, object{"key_id": "key_typo"})
	require.Len(t, errors, 1)
	require.Contains(t, errors[0], `There is no API key "key_typo" in organization `+emulator.DefaultOrganizationID)
	_, errors = w.Invoke(t, revoke, object{"key_id": "ts_live_abcdef"})
	require.Len(t, errors, 1)
	require.Contains(t, errors[0], "consider the key leaked")
	require.NotContains(t, errors[0], "abcdef")
}

func TestAKeyIsRotatedByAnAction(t *testing.T) {
	w := newWorld(t, "rotations")
	identity, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	readers := []any{identity.Recipient().String()}
	const rotate = "terrascale_api_key_rotate"
	ends := time.Now().Add(90 * 24 * time.Hour)
	keyOf := func(name string) string {
		key, _, err := w.service.CreateKey(emulator.DefaultOrganizationID, name, []string{"database:read", "repository:read"}, &ends)
		require.NoError(t, err)
		return key.ID
	}
	named := func(name string) (keys []emulator.APIKey) {
		for _, key := range w.service.APIKeys(emulator.DefaultOrganizationID) {
			if key.Name == name {
				keys = append(keys, key)
			}
		}
		return keys
	}
	decrypted := func(ciphertext string) string {
		clear, err := recipients.Decrypt(ciphertext, identity.String())
		require.NoError(t, err)
		return clear.Reveal()
	}

	file := filepath.Join(w.folder, "secret.age")
	old := keyOf("by hand")
	progress, errors := w.Invoke(t, rotate, object{"key_id": old, "age_recipients": readers, "secret_file": file})
	require.Empty(t, errors)
	require.Len(t, progress, 3)
	keys := named("by hand")
	require.Len(t, keys, 2)
	require.True(t, keys[0].Revoked)
	require.False(t, keys[1].Revoked)
	require.Equal(t, keys[0].Scopes, keys[1].Scopes)
	require.WithinDuration(t, ends, *keys[1].ExpiresAt, time.Minute)
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	clear := decrypted(string(content))
	require.True(t, strings.HasPrefix(clear, keys[1].Prefix))
	require.NotContains(t, strings.Join(progress, "\n"), clear)
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	progress, errors = w.Invoke(t, rotate, object{"key_id": keys[1].ID, "age_recipients": readers, "expires_in": "10d", "keep_old": true})
	require.Empty(t, errors)
	keys = named("by hand")
	require.Len(t, keys, 3)
	require.False(t, keys[1].Revoked, "the old one is kept")
	require.WithinDuration(t, time.Now().Add(10*24*time.Hour), *keys[2].ExpiresAt, time.Minute)
	_, ciphertext, _ := strings.Cut(progress[1], "\n")
	require.True(t, strings.HasPrefix(decrypted(ciphertext), keys[2].Prefix))

	// What can't be handed out is revoked again, and the old key is not touched.
	old = keyOf("unwritable")
	_, errors = w.Invoke(t, rotate, object{"key_id": old, "age_recipients": readers, "secret_file": filepath.Join(w.folder, "missing", "secret.age")})
	require.Len(t, errors, 1)
	require.Contains(t, errors[0], "was revoked again, and the old one works as before")
	keys = named("unwritable")
	require.Equal(t, []bool{false, true}, []bool{keys[0].Revoked, keys[1].Revoked})

	for words, config := range map[string]object{
		"No age recipients":       {"key_id": old},
		"Invalid age recipient":   {"key_id": old, "age_recipients": []any{"age1nobody"}},
		"There is no API key":     {"key_id": "key_typo", "age_recipients": readers},
		"is revoked":              {"key_id": keys[1].ID, "age_recipients": readers},
		"consider the key leaked": {"key_id": "ts_live_x", "age_recipients": readers},
	} {
		_, errors := w.Invoke(t, rotate, config)
		require.Len(t, errors, 1, words)
		require.Contains(t, errors[0], words)
	}
	require.Len(t, named("unwritable"), 2, "nothing came of what was refused")
}

func TestSessionsAreEndedByAnAction(t *testing.T) {
	w := newWorld(t, "sessions")
	w.database.Exec("CREATE ROLE sessions_one LOGIN PASSWORD 'pw'", "CREATE ROLE sessions_pair", "CREATE ROLE sessions_pair_a LOGIN PASSWORD 'pw'",
		"GRANT sessions_pair TO sessions_pair_a", "CREATE ROLE sessions_other LOGIN PASSWORD 'pw'")
	one, pair, other := w.database.Session("sessions_one", pw), w.database.Session("sessions_pair_a", pw), w.database.Session("sessions_other", pw)
	const end = "terrascale_postgresql_terminate_sessions"
	progress, errors := w.Invoke(t, end, object{"server": "main", "usernames": []any{"sessions_one", "sessions_pair"}})
	require.Empty(t, errors)
	require.Equal(t, []string{
		"Looking for sessions of sessions_one on server main.", "Sessions of sessions_one that were told to end: 1.", "Those sessions of sessions_one are gone.",
		"Looking for sessions of sessions_pair on server main.", "Sessions of sessions_pair_a that were told to end: 1.", "Those sessions of sessions_pair are gone.",
	}, progress)
	require.Error(t, one())
	require.Error(t, pair())
	require.NoError(t, other())
	progress, errors = w.Invoke(t, end, object{"server": "main", "usernames": []any{"sessions_one"}})
	require.Empty(t, errors)
	require.Equal(t, "There are no sessions of sessions_one.", progress[1])
	// What fails for one does not keep those of the others open.
	_, errors = w.Invoke(t, end, object{"server": "main", "usernames": []any{"sessions_gone", w.database.Admin, "sessions_other"}})
	require.Len(t, errors, 2)
	require.Error(t, other())
	_, errors = w.Invoke(t, end, object{"server": "gone", "usernames": []any{"sessions_one"}})
	require.Len(t, errors, 1)
	require.Contains(t, errors[0], `no server "gone"`)

	w.mariaDB.Exec("CREATE USER sessions_user IDENTIFIED BY 'pw'", "CREATE USER sessions_two_a IDENTIFIED BY 'pw'")
	t.Cleanup(func() { w.mariaDB.Exec("DROP USER sessions_user, sessions_two_a") })
	user := w.mariaDB.Open("sessions_user", pw, w.mariaDB.TLS())
	require.NoError(t, user.PingContext(t.Context()))
	const endMySQL = "terrascale_mysql_terminate_sessions"
	progress, errors = w.Invoke(t, endMySQL, object{"server": "main", "usernames": []any{"sessions_user", "sessions_two"}})
	require.Empty(t, errors)
	require.Contains(t, progress, "Sessions of sessions_user that were told to end: 1.")
	require.Contains(t, progress, "There are no sessions of sessions_two.")
	_, errors = w.Invoke(t, endMySQL, object{"server": "main", "usernames": []any{"sessions_gone", w.mariaDB.Admin}})
	require.Len(t, errors, 2)
}
