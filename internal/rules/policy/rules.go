// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package policy

//go:generate go run github.com/terrascale/terraform-provider-terrascale/internal/cmd/rulesguide -out ../../../templates/guides/least-privilege.md

import "slices"

// The rules' names.
const (
	WildcardScope   = "wildcard-scope"
	UnboundedKey    = "unbounded-key"
	SlowRotation    = "slow-rotation"
	OpenAllowlist   = "open-allowlist"
	UnverifiedTLS   = "unverified-tls"
	ExtraOwner      = "extra-owner"
	ExcessPrivilege = "excess-privilege"
	SecretInState   = "secret-in-state"
	UnusedKey       = "unused-key"
	OverdueRotation = "overdue-rotation"
	MFAMissing      = "mfa-missing"
	StaleInvitation = "stale-invitation"
	SuperuserLogin  = "superuser-login"
	WeakPassword    = "weak-password-storage"
	EndlessLogin    = "endless-login"
	UnusedLogin     = "unused-login"
	ClearSession    = "unencrypted-session"
	LoggedSecret    = "logged-statements"
	ClearLogin      = "clear-text-login"
	ExpiringSoon    = "expiring-soon"
	OrphanedKey     = "orphaned-key"
	AllowlistOff    = "allowlist-off"
)

// Rule is a least-privilege rule, in words for people. All texts are Markdown, a paragraph each.
type Rule struct {
	Name string
	// Sees says what the rule finds, and Why why that matters.
	Sees, Why string
	// Environments says what differs in production; empty where nothing does.
	Environments string
	// Instead says what to do, and Example is how that is written: HCL, or empty.
	Instead, Example string
	// AtPlan is set for a rule that is looked at when a plan is made, and InReview for one of the access review.
	AtPlan, InReview bool
}

// Rules gives all rules, those of plans first.
func Rules() []Rule { return slices.Clone(rules) }

// RuleNamed gives a rule.
func RuleNamed(name string) (Rule, bool) {
	i := slices.IndexFunc(rules, func(r Rule) bool { return r.Name == name })
	if i < 0 {
		return Rule{}, false
	}
	return rules[i], true
}

var rules = []Rule{
	{
		Name: WildcardScope, AtPlan: true, InReview: true,
		Sees: "An API key with the scope `*`.",
		Why: "Whoever gets hold of the key can do everything: read and delete all data, change members, make more keys. The scope also takes " +
			"in what the service adds later, which nobody has decided to allow.",
		Environments: "In production the rule also sees `database:*` and `repository:*`: a key of production names each thing that it may do.",
		Instead:      "Write the scopes that the program uses. Most need one or two. Give each program a key of its own.",
		Example: `resource "terrascale_api_key" "backend" {
  name   = "prod-backend"
  scopes = ["database:read", "database:write"]
}`,
	},
	{
		Name: UnboundedKey, AtPlan: true, InReview: true,
		Sees: "An API key that never expires and is not rotated on a schedule.",
		Why: "A key that leaks is often not noticed: in a log, in a backup, on a laptop that was sold. A key that ends by itself limits how long " +
			"that matters.",
		Instead: "Have the provider rotate the key. The new key and the old one work side by side for the overlap, so that nothing stops.",
		Example: `resource "terrascale_api_key" "backend" {
  name     = "prod-backend"
  scopes   = ["database:read"]
  rotation = { every = "90d", overlap = "7d" }
}`,
	},
	{
		Name: SlowRotation, AtPlan: true, InReview: true,
		Sees: "An API key that is in use for too long: because it is rotated too rarely, or because it expires too late.",
		Why:  "The security guide asks for a new key every 90 days. The longer a key lives, the more places keep a copy of it.",
		Environments: "In production the limit is 90 days, elsewhere 180. A key that expires instead of being rotated has ten days more, so that two " +
			"keys can overlap.",
		Instead: "Rotate more often. With an overlap, a rotation is one apply and no downtime.",
		Example: `rotation = { every = "90d", overlap = "7d" }`,
	},
	{
		Name: OpenAllowlist, AtPlan: true, InReview: true,
		Sees: "A network of an IP allowlist that is wider than `/8` (IPv4) or `/32` (IPv6), such as `0.0.0.0/0`.",
		Why:  "An allowlist that lets most of the internet in restricts nothing, and looks as if it did.",
		Instead: "List the networks that call the service, such as the addresses of your NAT gateways. For an exception that ends, give an entry an " +
			"`expires_at`.",
		Example: `resource "terrascale_ip_allowlist_entry" "partner" {
  cidr       = "203.0.113.0/28"
  expires_at = "2027-01-31T00:00:00Z"
}`,
	},
	{
		Name: UnverifiedTLS, AtPlan: true,
		Sees: "A connection that leaves the machine and does not check the server's certificate in full: an adapter, or a server that the provider " +
			"logs in to. A connection to the same machine is left alone.",
		Why: "Without TLS, whoever stands in between reads the password and the data. With TLS and no check, they can pretend to be the server. " +
			"`sslmode=require` and `verify-ca` do not check whose certificate it is.",
		Instead: "Check the certificate and the host name: `sslmode=verify-full` for PostgreSQL, `tls=true` for MySQL and MongoDB, `rediss://` for Redis.",
		Example: `connection_string = "postgresql://gateway:{{ env.GATEWAY_PASSWORD }}@db.example.com/app?sslmode=verify-full"`,
	},
	{
		Name: ExtraOwner, AtPlan: true, InReview: true,
		Sees: "A member whose role is or becomes `owner` while there is another owner.",
		Why:  "An owner can delete the organization. The security guide keeps that to one person: who created the account.",
		Instead: "Make people who manage members and keys `admin`. To hand the organization over, make the new owner, then change the role of the " +
			"old one, in two applies.",
		Example: `resource "terrascale_team_member" "grace" {
  email = "grace@example.com"
  role  = "admin"
}`,
	},
	{
		Name: ExcessPrivilege, AtPlan: true, InReview: true,
		Sees: "A database login that can do more than its configuration grants, or in the access review a login that can write: through a grant, a " +
			"role that it is a member of, or what everybody has. What comes about by a detour (a function that runs with its owner's rights, a " +
			"sequence, a large object) is a warning also where rules are enforced: it may not be yours to change.",
		Why: "The gateway turns queries into tools that people and programs call. A login that can only read is what keeps a mistake, or an injected " +
			"query, from changing data.",
		Instead: "Take the privilege away where it comes from. `excess_privileges` names each one, and through whom the login has it.",
		Example: `# As a superuser, for example:
# REVOKE INSERT ON public.orders FROM PUBLIC;`,
	},
	{
		Name: SecretInState, AtPlan: true,
		Sees: "A generated password, or a key, that the state keeps in clear.",
		Why:  "Everybody who can read the state of production can log in with it: people, runners, backups of the backend.",
		Environments: "The rule looks at production only. Elsewhere a generated password in the state is often what one wants: it is simple, and opens " +
			"nothing that matters.",
		Instead: "Encrypt it for whoever needs it with `age_recipients`, or hand it over with `password_wo`, which never gets into the state.",
		Example: `age_recipients = ["age1…"] # only who has the identity can read it`,
	},
	{
		Name: UnusedKey, InReview: true,
		Sees:    "An API key that works and was not used for longer than `key_unused_for` (30 days).",
		Why:     "Nobody would miss it, and nobody would notice that somebody else uses it.",
		Instead: "Find out whose it is (`created_by`), and revoke it. A key that is used once a quarter can be made for the day, with `expires_in`.",
	},
	{
		Name: OverdueRotation, InReview: true,
		Sees:    "An API key that works and is older than `key_max_age` (90 days).",
		Why:     "The security guide asks for a new key every 90 days. A key that is overdue was made by hand, or the run that rotates it does not take place.",
		Instead: "Manage the key with `terrascale_api_key` and `rotation`, and run `terraform apply` on a schedule.",
		Example: `rotation = { every = "90d", overlap = "7d" }`,
	},
	{
		Name: OrphanedKey, InReview: true,
		Sees:    "An API key that works and was made by somebody who is not a member any more.",
		Why:     "Whoever left may have kept the key, and nobody who is here looks after it.",
		Instead: "Make a key in the name of somebody who is here, or of your CI, switch to it, and revoke the old one.",
		Example: `resource "terrascale_team_member" "grace" {
  email                      = "grace@example.com"
  role                       = "admin"
  revoke_api_keys_on_removal = true
}`,
	},
	{
		Name: ExpiringSoon, InReview: true,
		Sees:    "An API key that works and expires within `expiring_within` (14 days).",
		Why:     "What uses the key stops on that day. A key can't be extended.",
		Instead: "Make a new key and switch to it before that day. With `rotation` and `before_expiry`, the provider does so.",
		Example: `rotation = { every = "90d", before_expiry = "10d", overlap = "7d" }`,
	},
	{
		Name: AllowlistOff, InReview: true,
		Sees:    "An IP allowlist that is disabled, or empty.",
		Why:     "Such a list lets every address in: a key that leaked works from everywhere.",
		Instead: "List the networks that call the service, and enable the list.",
		Example: `resource "terrascale_ip_allowlist" "this" {
  entries = { "203.0.113.0/24" = { description = "office" } }
}`,
	},
	{
		Name: MFAMissing, InReview: true,
		Sees:    "A member without two-factor authentication, where the service says so, and an organization that does not require it.",
		Why:     "A stolen password alone opens the account. Owners and admins can make keys and members with it.",
		Instead: "Require it for the organization, and ask the member to set it up (Settings > Security).",
		Example: `resource "terrascale_organization" "this" {
  name        = "Example"
  require_mfa = true
}`,
	},
	{
		Name: StaleInvitation, InReview: true,
		Sees:    "An invitation that was not accepted for longer than `invitation_max_age` (14 days).",
		Why:     "The link lies in a mailbox that may belong to somebody else by now, or whoever was to come does not.",
		Instead: "Withdraw the invitation: remove the `terrascale_team_member`, or ask the person and invite again.",
	},
	{
		Name: SuperuserLogin, InReview: true,
		Sees: "A login that is a superuser, or can make itself one: `SUPERUSER`, `CREATEROLE`, `BYPASSRLS`, `pg_execute_server_program` or " +
			"`pg_write_server_files` of PostgreSQL; `SUPER`, `CREATE USER` or `GRANT OPTION` on the whole server of MySQL; `ACL SETUSER`, `ACL LOAD`, " +
			"`CONFIG SET` or `MODULE LOAD` of Redis, as `+@all` gives them. The login that the provider itself uses is named, too.",
		Why:     "It reads and changes everything, and can make logins that do. Few people should have one, and no program.",
		Instead: "Keep one for emergencies. Give programs a login that can only read, and people a login of their own.",
		Example: `resource "terrascale_postgresql_readonly_role" "gateway" {
  name   = "gateway"
  grants = { "app.public" = {} }
}`,
	},
	{
		Name: WeakPassword, InReview: true,
		Sees: "A login whose password the server keeps in an old way: `md5` of PostgreSQL, `mysql_old_password` or `mysql_native_password` of MySQL (on " +
			"MariaDB, the latter is its usual way and is left alone). Also a login that opens without a password: a MySQL user that has none, or a " +
			"Redis user that takes any (`nopass`).",
		Why:     "Whoever gets hold of the server's copy finds out the password quickly, or can log in with the copy itself.",
		Instead: "Set `password_encryption = scram-sha-256` (PostgreSQL) and change the password. The provider's roles have SCRAM verifiers.",
	},
	{
		Name: EndlessLogin, InReview: true,
		Sees:    "A PostgreSQL login with a password and without `VALID UNTIL`, or a MySQL user whose password never expires.",
		Why:     "A password that leaked unnoticed works until somebody changes it.",
		Instead: "Have the provider rotate the login, or set `valid_until`.",
		Example: `rotation = { every = "90d", overlap = "7d" }`,
	},
	{
		Name: UnusedLogin, InReview: true,
		Sees: "A login that was not used since the server started, where that is longer ago than `key_unused_for` (30 days). Only MySQL and MariaDB know " +
			"this, with the performance schema on. Of other servers the review says that it is not known.",
		Why:     "Nobody would miss it, and nobody would notice that somebody else uses it.",
		Instead: "Drop it.",
	},
	{
		Name: ClearSession, InReview: true,
		Sees:    "A session without TLS, from another machine, at the time of the review.",
		Why:     "Whoever stands in between reads the password and the data.",
		Instead: "Have the server refuse such logins: `hostssl` in `pg_hba.conf`, `REQUIRE SSL`, `port 0` with `tls-port` of Redis.",
	},
	{
		Name: LoggedSecret, InReview: true,
		Sees: "A server that writes statements to a log: `log_statement` of PostgreSQL other than `none`, `log_min_duration_statement` of 0, or the general " +
			"log of MySQL.",
		Why: "A statement may hold a password (`ALTER ROLE … PASSWORD`) or data of people. The provider sends verifiers and never a password; others who " +
			"use the server may not.",
		Instead: "Turn it off, or see to it that few can read the log, and that it is deleted.",
	},
	{
		Name: ClearLogin, InReview: true,
		Sees: "A line of `pg_hba.conf` for other machines that takes no password (`trust`), takes it in clear (`password`, `ldap`, `pam`, `radius`, `bsd`), or " +
			"takes a session without TLS (a password on a `host` or `hostnossl` line).",
		Why:     "The server takes such a login when a client offers it, whatever the others do.",
		Instead: "Write `hostssl` and `scram-sha-256`.",
	},
}
