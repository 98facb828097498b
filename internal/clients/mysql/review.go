// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/inventory"
)

// How the server answers what a login logs in with: name, host, the plugin, those that are allowed beside it (MariaDB, a list in JSON), what
// there is to compare a password with (empty, invalid or set: never the verifier itself), and for how many days a password is good.
const (
	mariaDBWaysQuery statement = `
SELECT User, Host, COALESCE(JSON_VALUE(Priv, '$.plugin'), ''), COALESCE(JSON_EXTRACT(Priv, '$.auth_or[*].plugin'), ''),
       CASE COALESCE(JSON_VALUE(Priv, '$.authentication_string'), '') WHEN '' THEN 'empty' WHEN 'invalid' THEN 'invalid' ELSE 'set' END,
       COALESCE(JSON_VALUE(Priv, '$.password_lifetime'), -1)
FROM mysql.global_priv WHERE COALESCE(JSON_VALUE(Priv, '$.is_role'), '0') IN ('0', 'false')`
	mySQLWaysQuery statement = `
SELECT User, Host, plugin, '', IF(COALESCE(authentication_string, '') = '', 'empty', 'set'), COALESCE(password_lifetime, -1) FROM mysql.user`
)

const (
	ownAccountQuery statement = "SELECT CURRENT_USER()"
	// reviewedVariablesQuery reads what not every server has.
	reviewedVariablesQuery statement = "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('general_log', 'slow_query_log', 'long_query_time', " +
		"'log_output', 'default_password_lifetime', 'performance_schema', 'require_secure_transport')"
	reviewedStatusQuery statement = "SHOW GLOBAL STATUS WHERE Variable_name IN ('Uptime', 'Performance_schema_users_lost')"

	// usedQuery reads who has logged in since the server started, and inClearQuery the sessions over a network without TLS.
	usedQuery    statement = "SELECT USER FROM performance_schema.users WHERE USER IS NOT NULL AND TOTAL_CONNECTIONS > 0"
	inClearQuery statement = "SELECT PROCESSLIST_USER, COALESCE(PROCESSLIST_HOST, ''), COUNT(*) FROM performance_schema.threads " +
		"WHERE TYPE = 'FOREGROUND' AND CONNECTION_TYPE = 'TCP/IP' AND PROCESSLIST_USER IS NOT NULL GROUP BY 1, 2"
)

var (
	// takeovers are privileges on the whole server with which one can give oneself all others.
	takeovers = []string{"SUPER", "CREATE USER", GrantOption}
	// socketPlugins let in whom the machine knows by that name, and nobody from elsewhere.
	socketPlugins = []string{"unix_socket", "auth_socket"}
	// passwordPlugins compare a password with what the server keeps.
	passwordPlugins = []string{
		"", "mysql_native_password", "mysql_old_password", "caching_sha2_password", "sha256_password", "ed25519", "parsec",
	}
)

// way is how an account logs in.
type way struct {
	plugins []string
	// kept is what there is to compare a password with.
	kept string
	// lifetime is for how many days a password is good: 0 for ever, -1 for as many as the server says.
	lifetime int
}

// reviewed is what is read for a review beside the roster.
type reviewed struct {
	own       account
	ways      map[account]way
	variables map[string]string
	uptime    time.Duration
	// used holds who has logged in; nil where that is not counted.
	used map[string]bool
	lost bool
}

// ReviewLogins reads who can log in to the server, and how, in a number of statements that does not grow with the logins.
func (s *Server) ReviewLogins(ctx context.Context) (*inventory.Server, error) {
	r, err := s.roster(ctx)
	if err != nil {
		return nil, err
	}
	asked := reviewed{ways: map[account]way{}, variables: map[string]string{}}
	ways := mySQLWaysQuery
	if r.product.isMariaDB {
		ways = mariaDBWaysQuery
	}
	err = s.collectAll(ctx,
		query{"read the admin's own name", ownAccountQuery, 1, func(row []string) { asked.own.user, asked.own.host, _ = cutLast(row[0], "@") }},
		query{"read how the server's users log in", ways, 6, asked.addWay},
		query{"read the server's variables", reviewedVariablesQuery, 2, func(row []string) { asked.variables[strings.ToLower(row[0])] = row[1] }},
		query{"read the server's status", reviewedStatusQuery, 2, asked.addStatus},
	)
	if err != nil {
		return nil, err
	}
	found := &inventory.Server{Logged: asked.logged()}
	if err := s.reviewSessions(ctx, &asked, found); err != nil {
		return nil, err
	}
	for _, who := range slices.SortedFunc(maps.Keys(r.accounts), compareAccounts) {
		way := asked.ways[who]
		if !r.accounts[who].locked && way.isOpenToOthers() {
			found.Logins = append(found.Logins, asked.login(r, who, way))
		}
	}
	return found, nil
}

func compareAccounts(a, b account) int {
	return cmp.Or(strings.Compare(a.user, b.user), strings.Compare(a.host, b.host))
}

func (r *reviewed) addWay(row []string) {
	found := way{plugins: []string{row[2]}, kept: row[4]}
	for _, plugin := range strings.Split(strings.Trim(row[3], "[]"), ",") {
		if plugin = strings.Trim(plugin, ` "`); plugin != "" {
			found.plugins = append(found.plugins, plugin)
		}
	}
	found.lifetime, _ = strconv.Atoi(row[5]) // The column is a number.
	r.ways[account{row[0], row[1]}] = found
}

func (r *reviewed) addStatus(row []string) {
	number, _ := strconv.Atoi(row[1]) // So are these.
	switch row[0] {
	case "Uptime":
		r.uptime = time.Duration(number) * time.Second
	default:
		r.lost = number > 0
	}
}

// isOn reports whether a variable is set.
func (r *reviewed) isOn(variable string) bool {
	return slices.Contains([]string{"ON", "1", "YES"}, strings.ToUpper(r.variables[variable]))
}

// logged gives the settings that have statements written to a log.
func (r *reviewed) logged() []string {
	if strings.EqualFold(r.variables["log_output"], "NONE") {
		return nil
	}
	var found []string
	if r.isOn("general_log") {
		found = append(found, "general_log = ON")
	}
	if seconds, err := strconv.ParseFloat(r.variables["long_query_time"], 64); err == nil && seconds == 0 && r.isOn("slow_query_log") {
		found = append(found, "slow_query_log = ON with long_query_time = 0")
	}
	return found
}

// reviewSessions asks the performance schema, where it is on and the admin may.
func (s *Server) reviewSessions(ctx context.Context, asked *reviewed, found *inventory.Server) error {
	reason := "The server counts neither logins nor what sessions use: performance_schema is off."
	if asked.isOn("performance_schema") {
		used := map[string]bool{}
		err := s.collectAll(ctx,
			query{"read who has logged in", usedQuery, 1, func(row []string) { used[row[0]] = true }},
			query{"read the sessions of the server", inClearQuery, 3, func(row []string) {
				count, _ := strconv.Atoi(row[2])
				found.InClear = append(found.InClear, inventory.Session{Login: row[0], Address: row[1], Count: count})
			}},
		)
		switch {
		case err == nil && !asked.lost:
			asked.used = used
			return nil
		case err == nil:
			found.Tell(inventory.LastUse, "The server lost count of who logged in: performance_schema_users_size is too small.")
			return nil
		case !errors.Is(err, ErrNoRights) && code(err) != codeUnknownColumn:
			return err
		}
		found.InClear = nil
		reason = "The admin may not read performance_schema, or the server's is too old."
	}
	found.Tell(inventory.LastUse, reason)
	// Where the server takes no session in clear, there is none.
	if !asked.isOn("require_secure_transport") {
		found.Tell(inventory.Encryption, reason)
	}
	return nil
}

// codeUnknownColumn is what servers say whose performance schema does not tell of TLS.
const codeUnknownColumn = 1054

// takesPasswords reports whether one can log in with a password.
func (w way) takesPasswords() bool {
	return w.kept != "invalid" && slices.ContainsFunc(w.plugins, isPasswordPlugin)
}

func isPasswordPlugin(plugin string) bool { return slices.Contains(passwordPlugins, plugin) }

// isOpenToOthers reports whether anybody but the machine's own users can log in.
func (w way) isOpenToOthers() bool {
	return w.takesPasswords() || slices.ContainsFunc(w.plugins, func(plugin string) bool {
		return !isPasswordPlugin(plugin) && !slices.Contains(socketPlugins, plugin)
	})
}

// login gives what is known of an account.
func (r *reviewed) login(from *roster, who account, w way) inventory.Login {
	login := inventory.Login{Name: who.String(), Own: who == r.own}
	if w.takesPasswords() {
		lifetime := w.lifetime
		if lifetime < 0 {
			lifetime, _ = strconv.Atoi(r.variables["default_password_lifetime"])
		}
		login.NeverExpires = lifetime == 0
		switch {
		case w.kept == "empty":
			login.Open, login.NeverExpires = "has no password", false
		case slices.Contains(w.plugins, "mysql_old_password"):
			login.OldPassword = "mysql_old_password"
		case !from.product.isMariaDB && slices.Contains(w.plugins, "mysql_native_password"):
			login.OldPassword = "mysql_native_password"
		}
	}
	if r.used != nil && !r.used[who.user] {
		login.UnusedFor = max(r.uptime, time.Second)
	}
	login.Superuser, login.Writes = from.writesOf(who)
	return login
}

// writesOf lists what makes an account one that can do everything, and what it can do beyond reading.
func (r *roster) writesOf(who account) (superuser, writes []string) {
	found := &excess{privileges: map[thing][]string{}}
	add := func(g Grant, via string) {
		if g.Level == Global && slices.Contains(takeovers, g.Privilege) {
			text := g.Privilege
			if via != "" {
				text += through + via
			}
			superuser = append(superuser, text)
		}
		if g.GoesBeyondReading() {
			found.add(g, via)
		}
	}
	for _, g := range r.grants[who] {
		add(g, "")
	}
	for _, i := range r.indirectOf(who) {
		add(i.grant, i.via)
	}
	reading := r.readingOf(who)
	for _, g := range r.everybody {
		if g.Privilege == Select {
			reading = append(reading, g)
		}
	}
	for _, c := range r.calls {
		if isRead(reading, Grant{Privilege: Select, Level: Table, Database: c.database, Object: c.view}) {
			found.others = append(found.others, c.excess())
		}
	}
	slices.Sort(superuser)
	return slices.Compact(superuser), found.texts()
}
