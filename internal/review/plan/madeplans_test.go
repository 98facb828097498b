// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plan_test

import (
	"fmt"
	"strings"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// recipient is the public key of nobody.
const recipient = "age1ew7p6a3uj6d4smgcdh2d87hj6vyerccpcjzz8syfrwwr26vw24fsksuprn"

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// resourceHCL writes a resource.
func resourceHCL(kind, label, body string) string {
	return fmt.Sprintf("resource \"terrascale_%s\" %q {\n%s\n}\n", kind, label, body)
}

func keyHCL(label, body string) string {
	return resourceHCL("api_key", label, "name = \"prod-"+label+"\"\n"+body)
}

func roleHCL(body string) string {
	return resourceHCL("postgresql_readonly_role", "gateway", "name = \"gateway\"\n"+body)
}

func memberHCL(label, role string) string {
	return resourceHCL("team_member", label, fmt.Sprintf("email = %q\nrole = %q", label+"@example.com", role))
}

func mysqlHCL(body string) string {
	return databasesHCL + resourceHCL("mysql_readonly_user", "shop", "server = \"main\"\nname = \"shop\"\n"+body)
}

func redisHCL(body string) string {
	return databasesHCL + resourceHCL("redis_readonly_user", "cache", "server = \"main\"\nname = \"cache\"\n"+body)
}

const (
	readScopes  = "scopes = [\"database:read\"]\n"
	writeScopes = "scopes = [\"database:read\", \"database:write\"]\n"
	weekOverlap = "rotation = { every = \"90d\", overlap = \"7d\", trigger = \"1\" }\n"
	runner      = "\"127.0.0.1/32\" = { description = \"CI runner\" }\n"
	someGrants  = "grants = { \"app.public\" = { tables = [\"users\", \"orders\"] } }\n"
	adapter     = "config_file = \"config.terse\"\nname = \"users_db\"\nconnector = \"postgres\"\n"
)

// importHCL takes over what is there.
func importHCL(to, id string) string { return fmt.Sprintf("import {\n to = %s\n id = %q\n}\n", to, id) }

var madePlans = []madePlan{
	{name: "key-new", planned: keyHCL("backend", writeScopes+"expires_in = \"100d\"\n"+weekOverlap) +
		keyHCL("forever", "scopes = [\"*\"]") + keyHCL("until", readScopes+"expires_at = \"2099-03-01T00:00:00Z\"")},
	{name: "exceptions", applied: []string{
		keyHCL("partner", "scopes = [\"*\"]\nexpires_in = \"80d\"\npolicy_exceptions = { wildcard-scope = \"until the partner has scopes of their own, SEC-1\" }") + keyHCL("stays", readScopes+"expires_in = \"80d\""),
	}, planned: keyHCL("partner", "scopes = [\"*\"]\nexpires_in = \"80d\"\npolicy_exceptions = { wildcard-scope = \"accepted for <b>good</b> by @ada, SEC-2\" }") +
		keyHCL("stays", readScopes+"expires_in = \"80d\"") +
		keyHCL("forever", "scopes = [\"*\"]\npolicy_exceptions = {\n wildcard-scope = \"a migration, SEC-3\"\n unbounded-key = \"until 2027-03, SEC-3\"\n}")},
	{name: "key-scopes", applied: []string{keyHCL("backend", "scopes = [\"database:read\", \"repository:read\"]\n"+weekOverlap)},
		planned: keyHCL("backend", writeScopes+weekOverlap)},
	{name: "key-leaked", applied: []string{keyHCL("backend", readScopes+"rotation = { trigger = \"1\" }")},
		planned: keyHCL("backend", readScopes+"rotation = { trigger = \"leaked on Monday\", overlap = \"0s\" }")},
	{name: "key-previous-ends", applied: []string{
		keyHCL("backend", readScopes+"rotation = { trigger = \"1\", overlap = \"1s\" }"), keyHCL("backend", readScopes+"rotation = { trigger = \"2\", overlap = \"1s\" }"),
	}, planned: keyHCL("backend", readScopes+"rotation = { trigger = \"2\", overlap = \"1s\" }")},
	{name: "key-destroyed", applied: []string{keyHCL("backend", readScopes) + keyHCL("reports", readScopes)}, planned: keyHCL("backend", readScopes)},
	{name: "key-replaced", applied: []string{keyHCL("backend", readScopes)}, planned: keyHCL("backend", readScopes),
		arguments: []string{"-replace=terrascale_api_key.backend"}},
	{name: "key-tainted", applied: []string{keyHCL("backend", readScopes)}, before: [][]string{{"taint", "-no-color", "terrascale_api_key.backend"}},
		planned: keyHCL("backend", readScopes+"lifecycle {\n create_before_destroy = true\n}")},
	{name: "key-unknown", planned: "resource \"terraform_data\" \"scopes\" {\n input = [\"database:read\"]\n}\nresource \"terraform_data\" \"name\" {\n input = \"later\"\n}\n" +
		keyHCL("backend", "scopes = terraform_data.scopes.output") +
		resourceHCL("api_key", "named", readScopes+"name = terraform_data.name.output")},
	{name: "key-moved", applied: []string{keyHCL("backend", readScopes)},
		planned: keyHCL("api", readScopes) + "moved {\n from = terrascale_api_key.backend\n to = terrascale_api_key.api\n}\n"},
	{name: "key-moved-only", applied: []string{resourceHCL("api_key", "old", "name = \"same\"\n"+readScopes)},
		planned: resourceHCL("api_key", "new", "name = \"same\"\n"+readScopes) + "moved {\n from = terrascale_api_key.old\n to = terrascale_api_key.new\n}\n"},
	{name: "member-imported", planned: resourceHCL("team_member", "admin", fmt.Sprintf("email = %q\nrole = \"admin\"", emulator.DefaultAdminEmail)) +
		importHCL("terrascale_team_member.admin", emulator.DefaultAdminEmail)},
	{name: "member-imported-changed", planned: resourceHCL("team_member", "admin", fmt.Sprintf("email = %q\nrole = \"member\"", emulator.DefaultAdminEmail)) +
		importHCL("terrascale_team_member.admin", emulator.DefaultAdminEmail)},
	{name: "key-forgotten", applied: []string{keyHCL("backend", readScopes)},
		planned: "removed {\n from = terrascale_api_key.backend\n lifecycle {\n destroy = false\n }\n}\n"},
	{name: "key-revoked-outside", applied: []string{keyHCL("backend", readScopes) + keyHCL("reports", readScopes)}, planned: keyHCL("backend", readScopes) + keyHCL("reports", readScopes),
		outside: func(s *services) {
			for _, key := range s.APIKeys(emulator.DefaultOrganizationID) {
				if key.Name == "prod-backend" {
					must(s.RevokeKey(key.ID))
				} else {
					must(s.DeleteKeyRecord(key.ID))
				}
			}
		}},
	{name: "key-recipients", applied: []string{keyHCL("backend", readScopes+weekOverlap)}, planned: keyHCL("backend", readScopes+weekOverlap+"age_recipients = [\""+recipient+"\"]")},
	{name: "key-sensitive", applied: []string{"variable \"name\" {\n sensitive = true\n default = \"canary-name-one\"\n}\n" + resourceHCL("api_key", "hidden", "name = var.name\n"+readScopes)},
		planned: "variable \"name\" {\n sensitive = true\n default = \"canary-name-two\"\n}\n" + resourceHCL("api_key", "hidden", "name = var.name\nscopes = sensitive([\"database:write\"])\n")},
	{name: "members", applied: []string{memberHCL("grace", "member") + memberHCL("ada", "admin") + memberHCL("linus", "readonly")},
		planned: memberHCL("grace", "admin") + memberHCL("ada", "readonly") + memberHCL("edsger", "member") + memberHCL("barbara", "owner")},
	{name: "member-address", applied: []string{memberHCL("grace", "member")}, planned: resourceHCL("team_member", "grace", "email = \"hopper@example.com\"\nrole = \"member\"")},
	{name: "members-outside", applied: []string{memberHCL("grace", "member") + memberHCL("ada", "readonly")}, planned: memberHCL("grace", "member") + memberHCL("ada", "readonly"),
		outside: func(s *services) {
			must(s.SetMemberRole(emulator.DefaultOrganizationID, "grace@example.com", "admin"))
			must(s.RemoveMember(emulator.DefaultOrganizationID, "ada@example.com"))
		}},
	{name: "allowlist-new", planned: resourceHCL("ip_allowlist", "this", "entries = {\n"+runner+
		"\"203.0.113.0/24\" = { description = \"office\" }\n\"198.51.100.0/24\" = { expires_at = \"2099-12-31T00:00:00Z\" }\n}")},
	{name: "allowlist-entries", applied: []string{resourceHCL("ip_allowlist", "this", "entries = {\n"+runner+
		"\"203.0.113.0/24\" = { description = \"office\" }\n\"198.51.100.0/24\" = { expires_at = \"2099-12-31T00:00:00Z\" }\n\"192.0.2.0/24\" = {}\n}")},
		planned: resourceHCL("ip_allowlist", "this", "entries = {\n"+runner+
			"\"203.0.113.0/24\" = { description = \"head office\" }\n\"198.51.100.0/24\" = { expires_at = \"2099-06-30T00:00:00Z\" }\n\"2001:db8:42::/48\" = { description = \"partner\" }\n\"64.0.0.0/4\" = {}\n}\n")},
	{name: "allowlist-off", applied: []string{resourceHCL("ip_allowlist", "this", "entries = {\n"+runner+"}")},
		planned: resourceHCL("ip_allowlist", "this", "enabled = false\nentries = {\n"+runner+"}")},
	{name: "allowlist-destroyed", applied: []string{resourceHCL("ip_allowlist", "this", "entries = {\n"+runner+"}")}, planned: "\n"},
	{name: "allowlist-shared", applied: []string{
		resourceHCL("ip_allowlist_entry", "runner", "cidr = \"127.0.0.1\"\nallow_open = true") +
			resourceHCL("ip_allowlist_entry", "office", "cidr = \"203.0.113.0/24\"") + resourceHCL("ip_allowlist_entry", "left", "cidr = \"192.0.2.0/24\""),
	}, planned: resourceHCL("ip_allowlist_entry", "runner", "cidr = \"127.0.0.1\"\nallow_open = true") +
		resourceHCL("ip_allowlist_entry", "office", "cidr = \"203.0.114.0/24\"") +
		resourceHCL("ip_allowlist_entry", "contractor", "cidr = \"198.51.100.17\"\nexpires_at = \"2099-12-31T23:59:59Z\"")},
	{name: "organization", applied: []string{resourceHCL("organization", "a", "name = \"Acme\"\nslug = \"acme\"\nrequire_mfa = true\ndeletion_protection = true")},
		planned: resourceHCL("organization", "a", "name = \"Acme Analytics\"\nslug = \"acme\"\nrequire_mfa = false\ndeletion_protection = false") +
			resourceHCL("organization", "b", "name = \"Sandbox\"")},
	{name: "database-replaced", applied: []string{
		resourceHCL("database", "shop", "name = \"shop\"\nregion = \"us-east-1\"\ndeletion_protection = false") +
			resourceHCL("repository", "customers", "database_id = terrascale_database.shop.id\nname = \"customers\"\nentity_name = \"Customer\"\ndeletion_protection = false"),
	}, planned: resourceHCL("database", "shop", "name = \"shop\"\nregion = \"eu-central-1\"\ndeletion_protection = false") +
		resourceHCL("repository", "customers", "database_id = terrascale_database.shop.id\nname = \"customers\"\nentity_name = \"Customer\"\ndeletion_protection = false")},
	{name: "adapter-new", planned: resourceHCL("adapter", "users", adapter+"connection_string = \"{{ env.DATABASE_URL }}\"\n"+
		"dotenv = { file = \".env\", variable = \"DATABASE_URL\", value_wo = \"canary-value\", value_wo_version = 1 }")},
	{name: "adapter-variable", applied: []string{
		resourceHCL("adapter", "users", adapter+"connection_string = \"{{ env.DATABASE_URL }}\"\n"+
			"dotenv = { file = \".env\", variable = \"DATABASE_URL\", value_wo = \"canary-value\", value_wo_version = 1 }") +
			resourceHCL("adapter", "again", strings.Replace(adapter, "users_db", "orders_db", 1)+"connection_string = \"{{ env.ORDERS_URL }}\"\n"+
				"dotenv = { file = \".env\", variable = \"ORDERS_URL\", value_wo = \"canary-value\", value_wo_version = 1 }"),
	}, planned: resourceHCL("adapter", "users", adapter+"connection_string = \"{{ env.REPLICA_URL }}\"\noptions = { connect_timeout = \"10\" }\n"+
		"dotenv = { file = \".env\", variable = \"REPLICA_URL\", value_wo = \"canary-value\", value_wo_version = 2 }") +
		resourceHCL("adapter", "again", strings.Replace(adapter, "users_db", "orders_db", 1)+"connection_string = \"{{ env.ORDERS_URL }}\"\n"+
			"dotenv = { file = \".env\", variable = \"ORDERS_URL\", value_wo = \"canary-other\", value_wo_version = 2 }")},
	{name: "adapter-destroyed", applied: []string{resourceHCL("adapter", "users", adapter+"connection_string = \"{{ env.DATABASE_URL }}\"")}, planned: "\n"},
	{name: "role-new", planned: roleHCL("grants = {\n\"app.public\" = { tables = [\"users\", \"orders\"], columns = { audit = [\"id\"] }, sequences = true }\n\"app.reporting\" = {}\n}\n" +
		"future_tables_owned_by = [\"app_owner\"]\nvalid_until = \"2099-12-31T00:00:00Z\"\n" + weekOverlap)},
	{name: "role-grants", applied: []string{roleHCL("grants = {\n\"app.public\" = { tables = [\"users\", \"products\"] }\n\"app.reporting\" = {}\n}")},
		planned: roleHCL("connection_limit = 20\nstatement_timeout = \"30s\"\ngrants = {\n\"app.public\" = { except = [\"audit\"] }\n\"app.reporting\" = { tables = [\"monthly\"] }\n}\nfuture_tables_owned_by = [\"app_owner\"]")},
	{name: "role-tables", applied: []string{roleHCL(someGrants)},
		planned: roleHCL("grants = { \"app.public\" = { tables = [\"orders\", \"products\"], columns = { users = [\"id\", \"name\"] } } }")},
	{name: "role-unknown", applied: []string{roleHCL(someGrants)},
		planned: "resource \"terraform_data\" \"tables\" {\n input = [\"users\"]\n}\n" + roleHCL("grants = { \"app.public\" = { tables = terraform_data.tables.output } }")},
	{name: "role-rotated", applied: []string{roleHCL(someGrants + weekOverlap)}, planned: roleHCL(someGrants + strings.Replace(weekOverlap, "\"1\"", "\"2\"", 1))},
	{name: "role-password", applied: []string{roleHCL(someGrants + "password_wo = \"canary-one\"\npassword_wo_version = 1")},
		planned: roleHCL(someGrants + "password_wo = \"canary-two\"\npassword_wo_version = 2")},
	{name: "role-renamed", applied: []string{roleHCL(someGrants)}, planned: resourceHCL("postgresql_readonly_role", "gateway", "name = \"api\"\n"+someGrants)},
	{name: "role-outside", applied: []string{roleHCL(someGrants)}, planned: roleHCL(someGrants),
		outside: func(s *services) {
			s.database.Exec("GRANT INSERT ON public.orders TO gateway", "GRANT SELECT ON public.audit TO gateway", "REVOKE SELECT ON public.users FROM gateway")
		}},
	{name: "role-destroyed", applied: []string{roleHCL(someGrants)}, planned: roleHCL(someGrants), arguments: []string{"-destroy"}},
	{name: "mysql-new", planned: mysqlHCL("host = \"10.0.0.0/8\"\ngrants = { shop = {}, crm = { tables = [\"customers\"] } }\n" + weekOverlap)},
	{name: "mysql-changed", applied: []string{mysqlHCL("grants = { shop = {}, crm = { tables = [\"customers\"] } }")},
		planned: mysqlHCL("host = \"10.0.0.0/8\"\nrequire_tls = false\ngrants = { crm = { tables = [\"customers\", \"contacts\"] } }")},
	{name: "redis-new", planned: redisHCL("key_patterns = [\"app:*\", \"session:*\"]\nchannel_patterns = [\"news.*\"]\ncommands = [\"+@read\", \"+@connection\", \"+subscribe\", \"-@dangerous\"]")},
	{name: "redis-changed", applied: []string{redisHCL("key_patterns = [\"app:*\", \"session:*\"]\nrotation = { trigger = \"1\", overlap = \"7d\" }")},
		planned: redisHCL("key_patterns = [\"app:*\", \"cache:*\"]\ncommands = [\"+@read\", \"+@connection\", \"+subscribe\", \"-@dangerous\", \"-keys\"]\nrotation = { trigger = \"2\", overlap = \"7d\" }")},
	{name: "other-providers", applied: []string{"resource \"terraform_data\" \"a\" {\n input = 1\n}\nresource \"terraform_data\" \"b\" {\n triggers_replace = 1\n}\nresource \"terraform_data\" \"c\" {}\n"},
		planned: "resource \"terraform_data\" \"a\" {\n input = 2\n}\nresource \"terraform_data\" \"b\" {\n triggers_replace = 2\n}\nresource \"terraform_data\" \"d\" {\n count = 3\n}\n" + keyHCL("backend", readScopes)},
	// The example of the guide.
	pullRequest("pull-request"),
	pullRequest("opentofu-pull-request"),
	{name: "opentofu-moved-and-forgotten", applied: []string{resourceHCL("api_key", "old", "name = \"same\"\n"+readScopes) + keyHCL("backend", readScopes)},
		planned: resourceHCL("api_key", "new", "name = \"same\"\n"+readScopes) + "moved {\n from = terrascale_api_key.old\n to = terrascale_api_key.new\n}\n" +
			"removed {\n from = terrascale_api_key.backend\n lifecycle {\n destroy = false\n }\n}\n"},
	{name: "opentofu-replaced", applied: []string{keyHCL("backend", readScopes) + "resource \"terraform_data\" \"a\" {\n triggers_replace = 1\n}\n"},
		planned:   keyHCL("backend", readScopes) + "resource \"terraform_data\" \"a\" {\n triggers_replace = 2\n}\n",
		arguments: []string{"-replace=terrascale_api_key.backend"}},
	{name: "nothing", applied: []string{keyHCL("backend", readScopes)}, planned: keyHCL("backend", readScopes)},
	{name: "refresh-only", applied: []string{memberHCL("grace", "member")}, planned: memberHCL("grace", "member"), arguments: []string{"-refresh-only"},
		outside: func(s *services) {
			must(s.SetMemberRole(emulator.DefaultOrganizationID, "grace@example.com", "admin"))
		}},
	{name: "errored", planned: keyHCL("backend", readScopes) + resourceHCL("ip_allowlist", "this", "entries = { \"203.0.113.0/24\" = {} }"), fails: true},
}

// pullRequest changes a bit of everything.
func pullRequest(name string) madePlan {
	return madePlan{name: name, applied: []string{
		keyHCL("backend", "scopes = [\"database:read\", \"repository:read\"]\n"+weekOverlap) + memberHCL("grace", "member") + memberHCL("linus", "admin") +
			resourceHCL("ip_allowlist", "this", "entries = {\n"+runner+"\"203.0.113.0/24\" = { description = \"office\" }\n}") +
			roleHCL("grants = { \"app.public\" = { tables = [\"users\"] } }\n") +
			resourceHCL("adapter", "users", adapter+"connection_string = \"{{ env.DATABASE_URL }}\""),
	}, planned: keyHCL("backend", writeScopes+weekOverlap) + memberHCL("grace", "admin") +
		resourceHCL("ip_allowlist", "this", "entries = {\n"+runner+"\"198.51.100.0/24\" = { description = \"migration\", expires_at = \"2099-12-31T00:00:00Z\" }\n\"64.0.0.0/4\" = { description = \"partner\" }\n}") +
		roleHCL("grants = {\n\"app.public\" = { tables = [\"users\", \"orders\"] }\n\"app.reporting\" = {}\n}") +
		resourceHCL("adapter", "users", adapter+"connection_string = \"{{ env.REPLICA_URL }}\"") + "resource \"terraform_data\" \"release\" {}\n"}
}
