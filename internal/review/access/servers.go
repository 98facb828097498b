// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package access

import (
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/inventory"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

// loginWords are what the kinds call somebody who can log in.
var loginWords = map[Kind]string{PostgreSQL: "PostgreSQL role", MySQL: "MySQL user", Redis: "Redis user"}

// serverRules are those that look at servers of each kind. Passwords of Redis never expire, and it has no log of statements.
var serverRules = map[Kind][]string{
	PostgreSQL: {
		policy.SuperuserLogin, policy.ExcessPrivilege, policy.WeakPassword, policy.EndlessLogin, policy.UnusedLogin, policy.ClearSession,
		policy.LoggedSecret, policy.ClearLogin,
	},
	MySQL: {
		policy.SuperuserLogin, policy.ExcessPrivilege, policy.WeakPassword, policy.EndlessLogin, policy.UnusedLogin, policy.ClearSession,
		policy.LoggedSecret,
	},
	Redis: {policy.SuperuserLogin, policy.ExcessPrivilege, policy.WeakPassword, policy.UnusedLogin, policy.ClearSession},
}

// ruleOf gives the rule that needs the answer to a question.
var ruleOf = map[inventory.Question]string{
	inventory.Privileges: policy.ExcessPrivilege, inventory.Passwords: policy.WeakPassword, inventory.Expiry: policy.EndlessLogin,
	inventory.LastUse: policy.UnusedLogin, inventory.Encryption: policy.ClearSession, inventory.Logging: policy.LoggedSecret,
	inventory.Doors: policy.ClearLogin,
}

func (r *reviewer) server(s Server) {
	r.look(serverRules[s.Kind]...)
	subject := policy.Named(string(s.Kind)+" server", s.Name)
	for _, untold := range s.Untold {
		r.doNotKnow(ruleOf[untold.Question], subject, untold.Reason)
	}
	named := func(login string) string { return policy.Named(loginWords[s.Kind], s.Name+"/"+login) }
	for _, login := range s.Logins {
		r.login(login, s.Kind, named(login.Name))
	}
	for _, session := range s.InClear {
		// What does not leave the machine, nobody listens to on the way.
		if address := net.ParseIP(session.Address); address != nil && address.IsLoopback() || session.Address == "localhost" {
			continue
		}
		count := "A session"
		if session.Count > 1 {
			count = strconv.Itoa(session.Count) + " sessions"
		}
		r.find(policy.ClearSession, High, named(session.Login), say(count+" without TLS, from %s.", session.Address))
	}
	for _, setting := range s.Logged {
		r.find(policy.LoggedSecret, Medium, subject, say("The server logs statements: %s.", setting))
	}
	for _, door := range s.Doors {
		r.door(door, subject)
	}
}

func (r *reviewer) login(login inventory.Login, kind Kind, subject string) {
	superuser, writes := High, Medium
	also := say("")
	if login.Own {
		// The provider needs it: it is named so that all are.
		superuser, writes = Info, Info
		also = say(" The provider itself logs in as this one.")
	}
	switch {
	case len(login.Superuser) > 0:
		r.find(policy.SuperuserLogin, superuser, subject, say("The login has ").then(list(login.Superuser)).then(say(".")).then(also))
	case len(login.Writes) > 0:
		r.find(policy.ExcessPrivilege, writes, subject, say("The login can write: ").then(list(login.Writes)).then(say(".")).then(also))
	}
	switch {
	case login.Open != "" && kind == Redis:
		r.findAnd(policy.WeakPassword, High, subject, say("The login "+login.Open+"."),
			"Give the user a password (`ACL SETUSER name resetpass >…`), or turn it off (`off`).")
	case login.Open != "":
		r.findAnd(policy.WeakPassword, High, subject, say("The login "+login.Open+"."), "Give the user a password, lock it, or drop it.")
	case login.OldPassword != "" && kind == MySQL:
		r.findAnd(policy.WeakPassword, Medium, subject, say("The server keeps the password in an old way: %s.", login.OldPassword),
			"Change the password `IDENTIFIED WITH caching_sha2_password`.")
	case login.OldPassword != "":
		r.find(policy.WeakPassword, Medium, subject, say("The server keeps the password in an old way: %s.", login.OldPassword))
	}
	if login.NeverExpires {
		r.find(policy.EndlessLogin, Low, subject, say("The login has a password that never expires."))
	}
	switch {
	case login.UnusedFor > r.thresholds.KeyUnusedFor:
		r.find(policy.UnusedLogin, Low, subject, say("The login was not used since the server started on "+on(r.now.Add(-login.UnusedFor))+"."))
	case login.UnusedFor > 0:
		r.doNotKnow(policy.UnusedLogin, subject, "The login was not used since the server started on "+on(r.now.Add(-login.UnusedFor))+
			"; that is less than "+days(r.thresholds.KeyUnusedFor)+" ago.")
	}
}

// What methods of pg_hba.conf take: nothing, a password in clear, or a proof that one knows the password.
var (
	clearMethods    = []string{"password", "ldap", "pam", "radius", "bsd"}
	passwordMethods = append([]string{"md5", "scram-sha-256"}, clearMethods...)
)

// door looks at a line of pg_hba.conf. Its own text is the subject: a line's number changes with every edit.
func (r *reviewer) door(d inventory.Door, server string) {
	if d.Type == "local" || isOwnMachine(d) {
		return
	}
	text := strings.Join([]string{d.Type, strings.Join(d.Databases, ","), strings.Join(d.Users, ","), strings.TrimSpace(d.Address + " " + d.Mask), d.Method}, " ")
	subject := policy.Named(server+", pg_hba.conf:", text)
	line := "Line " + strconv.Itoa(d.Line)
	mayBeClear := d.Type == "host" || d.Type == "hostnossl"
	switch {
	case d.Method == "trust":
		r.find(policy.ClearLogin, High, subject, say(line+" lets other machines in without a password."))
	case slices.Contains(clearMethods, d.Method) && mayBeClear:
		r.find(policy.ClearLogin, High, subject, say(line+" takes the password in clear, also without TLS."))
	case slices.Contains(clearMethods, d.Method):
		r.find(policy.ClearLogin, Low, subject, say(line+" has the server see the password in clear."))
	case slices.Contains(passwordMethods, d.Method) && mayBeClear:
		r.find(policy.ClearLogin, Medium, subject, say(line+" takes sessions without TLS."))
	}
}

// isOwnMachine reports whether a line is for the server's own machine alone.
func isOwnMachine(d inventory.Door) bool {
	address := net.ParseIP(d.Address)
	switch {
	case d.Address == "samehost" || d.Address == "localhost":
		return true
	case address == nil || !address.IsLoopback():
		return false
	case address.To4() == nil:
		return d.Mask == "" || strings.EqualFold(d.Mask, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
	default:
		return d.Mask == "" || strings.HasPrefix(d.Mask, "255.")
	}
}
