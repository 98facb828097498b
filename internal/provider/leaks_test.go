// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/joho/godotenv"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/leaks"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/reliability"
)

// The places that are searched, beside those of processes.
const (
	inState      = "states and their backups"
	inPlan       = "plan files"
	inPlanJSON   = "plans and states as JSON"
	inOutput     = "what the CLI printed"
	inTrace      = "TRACE log of the CLI and the provider"
	inJournal    = "journal"
	inDotenv     = ".env files"
	inFiles      = "other files of the workspace"
	inTemporary  = "temporary files"
	inPostgreSQL = "PostgreSQL's log, all statements"
	inMariaDB    = "MariaDB's logs, all statements"
	inRedis      = "Redis' MONITOR, SLOWLOG, ACL LOG and log"
	inService    = "the service's log of requests"
)

// hostile is a password with what programs escape, and a part of its own.
func hostile(of string) string { return `5%; p@"a<ss>\w&rd'é ` + of + ` /+=?#7` }

// leakLife is a life of all that holds secrets, and all that is seen of it.
type leakLife struct {
	*acctest.Workspace
	*places
	gateway    *gateway
	database   *acctest.Database
	mariaDB    *acctest.MariaDB
	redis      *acctest.Redis
	serviceLog *lockedBuffer
	monitored  *lockedBuffer
	identity   *age.X25519Identity

	secrets   map[string]string // by the secret
	variables map[string]string // of the environment that the user gives
	trace     string
	temporary string
}

// lockedBuffer takes what is written from anywhere.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

// Write implements io.Writer.
func (b *lockedBuffer) Write(text []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(text)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

// knows notes a secret of a kind.
func (l *leakLife) knows(kind, text string) {
	if _, isKnown := l.secrets[text]; !isKnown && text != "" {
		l.secrets[text] = kind
	}
}

const canary = "canary-Of-This-Test-4711"

func newLeakLife(t *testing.T) *leakLife {
	t.Helper()
	l := &leakLife{
		places: newPlaces(), secrets: map[string]string{}, serviceLog: &lockedBuffer{}, monitored: &lockedBuffer{},
		trace: filepath.Join(t.TempDir(), "trace.log"), temporary: t.TempDir(),
	}
	loginPassword, totp := hostile("login"), "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXQ"
	seed := emulator.DefaultSeed()
	for i := range seed.Users {
		if seed.Users[i].Email == emulator.DefaultAdminEmail {
			seed.Users[i].Password, seed.Users[i].TOTPSecret = secret.New(loginPassword), secret.New(totp)
		}
	}
	service := acctest.NewEmulator(t, func(options *emulator.Options) {
		options.Seed = &seed
		options.Logger = slog.New(slog.NewJSONHandler(l.serviceLog, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	l.gateway = newGateway(t, service.URL())
	l.database = acctest.NewServer(t, "leaks", devstack.PostgreSQLOptions{Settings: map[string]string{
		"log_statement": "all", "log_min_error_statement": "debug5", "log_min_duration_statement": "0", "log_error_verbosity": "verbose",
		"log_parameter_max_length": "-1", "log_parameter_max_length_on_error": "-1", "log_connections": "on", "log_disconnections": "on",
	}})
	l.database.Exec("CREATE TABLE public.orders (id int)", "CREATE ROLE leaks_reader NOLOGIN", "GRANT SELECT ON public.orders TO leaks_reader")
	l.mariaDB = acctest.NewMariaDBServer(t, devstack.MariaDBOptions{Settings: map[string]string{
		"general-log": "ON", "log-warnings": "9", "performance-schema": "ON",
	}}, "CREATE DATABASE leaks", "CREATE TABLE leaks.orders (id INT)")
	l.redis = acctest.NewRedis(t, devstack.RedisOptions{Settings: []string{"slowlog-log-slower-than 0", "slowlog-max-len 10000", "loglevel debug"}})
	l.monitors(t)
	var err error
	l.identity, err = age.GenerateX25519Identity()
	require.NoError(t, err)
	l.Workspace = acctest.NewWorkspace(t, l.configuration())
	l.variables = map[string]string{
		"token": service.Token.Reveal(), "login_password": loginPassword, "totp_secret": totp, "age_identity": l.identity.String(),
		"postgresql_password": l.database.AdminPassword.Reveal(), "mysql_password": l.mariaDB.AdminPassword.Reveal(),
		"redis_password": l.redis.AdminPassword.Reveal(), "chosen": hostile("chosen"), "canary": canary,
	}
	for name, text := range l.variables {
		l.knows("given: "+name, text)
	}
	l.writesChecks(t)
	return l
}

// monitors has all commands that reach Redis written down.
func (l *leakLife) monitors(t *testing.T) {
	t.Helper()
	client := redis.NewClient(&redis.Options{
		Addr: fmt.Sprintf("%s:%d", l.redis.Host, l.redis.Port), Username: l.redis.Admin, Password: l.redis.AdminPassword.Reveal(),
		TLSConfig: l.redis.TLS(), Protocol: 2, DisableIdentity: true, ReadTimeout: -1,
	})
	lines := make(chan string)
	monitor := client.Monitor(t.Context(), lines)
	monitor.Start()
	ended := make(chan struct{})
	go func() {
		for {
			select {
			case line := <-lines:
				_, _ = fmt.Fprintln(l.monitored, line)
			case <-ended:
				return
			}
		}
	}()
	t.Cleanup(func() {
		close(ended)
		_ = client.Close()
	})
	require.Eventually(t, func() bool {
		l.redis.Exec("PING watched")
		return strings.Contains(l.monitored.String(), "watched")
	}, 10*time.Second, 20*time.Millisecond)
}

// checks are connections that fail, each with a password of its own, and one that works.
var checks = map[string]string{"UNTRUSTED": "postgres", "UNTRUSTED_CACHE": "redis", "UNTRUSTED_SHOP": "mysql", "REFUSED": "postgres", "MALFORMED": "postgres", "NOBODY": "mongodb"}

func (l *leakLife) writesChecks(t *testing.T) {
	t.Helper()
	variables := map[string]string{}
	for name := range checks {
		password := hostile(name)
		l.knows("in .env: "+name, password)
		at := func(scheme string, port int, query string) string {
			return (&url.URL{Scheme: scheme, User: url.UserPassword("leaks", password), Host: fmt.Sprintf("localhost:%d", port), Path: "/", RawQuery: query}).String()
		}
		switch name {
		case "UNTRUSTED":
			variables[name] = at("postgres", l.database.Port, "sslmode=verify-full")
		case "UNTRUSTED_CACHE":
			variables[name] = at("rediss", l.redis.Port, "")
		case "UNTRUSTED_SHOP":
			variables[name] = fmt.Sprintf("leaks:%s@tcp(127.0.0.1:%d)/leaks?tls=true", password, l.mariaDB.Port)
		case "REFUSED":
			variables[name] = at("postgres", l.database.Port, "sslmode=require")
		case "MALFORMED":
			variables[name] = "postgres://leaks:" + password + "@localhost:port/leaks"
		case "NOBODY":
			variables[name] = at("mongodb", 1, "")
		}
	}
	require.NoError(t, godotenv.Write(variables, filepath.Join(l.Dir, "checks.env")))
}

// search looks for all that is known in all that was seen.
func (l *leakLife) search(t *testing.T) *leaks.Search {
	t.Helper()
	search := leaks.New()
	number := map[string]int{}
	for text, kind := range l.secrets {
		number[kind]++
		require.NoError(t, search.Know(fmt.Sprintf("%s #%d", kind, number[kind]), text))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for place, texts := range l.seen {
		for text := range texts {
			require.NoError(t, search.Look(place, "seen", []byte(text)))
		}
	}
	require.NoError(t, search.LookFile(inTrace, l.trace))
	require.NoError(t, search.LookFile(inPostgreSQL, l.database.LogFile))
	require.NoError(t, search.LookFile(inMariaDB, l.mariaDB.LogFile))
	require.NoError(t, search.LookFile(inMariaDB, l.mariaDB.GeneralLog))
	require.NoError(t, search.LookFile(inRedis, l.redis.LogFile))
	require.NoError(t, search.Look(inRedis, "MONITOR", []byte(l.monitored.String())))
	require.NoError(t, search.Look(inService, "log", []byte(l.serviceLog.String())))
	require.NoError(t, search.LookTree(l.temporary, func(string) string { return inTemporary }))
	for _, name := range []string{"SLOWLOG", "ACL"} {
		arguments := map[string][]any{"SLOWLOG": {"SLOWLOG", "GET", -1}, "ACL": {"ACL", "LOG"}}[name]
		client := redis.NewClient(&redis.Options{
			Addr: fmt.Sprintf("%s:%d", l.redis.Host, l.redis.Port), Username: l.redis.Admin, Password: l.redis.AdminPassword.Reveal(),
			TLSConfig: l.redis.TLS(), Protocol: 2, DisableIdentity: true,
		})
		answer, err := client.Do(t.Context(), arguments...).Result()
		require.NoError(t, err)
		require.NoError(t, client.Close())
		require.NoError(t, search.Look(inRedis, name, fmt.Appendf(nil, "%v", answer)))
	}
	return search
}

// plants puts the canary where the life itself does not, each time written in another way.
func (l *leakLife) plants(t *testing.T) {
	t.Helper()
	inBase64 := base64.StdEncoding.EncodeToString([]byte("x" + canary))
	l.database.Exec("SELECT '" + inBase64 + "'")
	l.mariaDB.Exec("SELECT '" + hex.EncodeToString([]byte(canary)) + "'")
	l.redis.Exec("PING " + url.QueryEscape(canary))
	require.NoError(t, os.WriteFile(filepath.Join(l.temporary, "left"), []byte(strings.ToUpper(hex.EncodeToString([]byte(canary)))), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(l.Dir, ".terraform", "terrascale", "left"), []byte(inBase64), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(l.Dir, "core.4711"), []byte("\x00"+canary+"\x00"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(l.Dir, "planted.env"), []byte("A="+canary+"\n"), 0o600))
	l.keep(t, "")
}

func (l *leakLife) journalFolder(t *testing.T) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Join(l.Dir, ".terraform", "terrascale"), 0o700))
}

// allowed is where each kind of secret may be, because the user put it there or chose to hold it there. It is exactly that.
func allowed() []leaks.Find {
	var finds []leaks.Find
	at := func(kind string, where ...string) {
		for _, place := range where {
			finds = append(finds, leaks.Find{Place: place, Secret: kind})
		}
	}
	for _, name := range []string{
		"token", "login_password", "totp_secret", "age_identity", "postgresql_password", "mysql_password", "redis_password", "chosen", "canary",
	} {
		at("given: "+name, ofVariables)
	}
	at("given: canary", inState, inPlan, inPlanJSON, inOutput, inTrace, inJournal, inDotenv, inFiles, inTemporary, inPostgreSQL, inMariaDB, inRedis, inService, ofArguments)
	// Without age_recipients, the state holds it, and so does a plan, which has the state in it.
	for _, kind := range []string{"terrascale_api_key.clear", "terrascale_postgresql_readonly_role.clear", "terrascale_mysql_readonly_user.clear", "terrascale_redis_readonly_user.clear"} {
		at("made: "+kind, inState, inPlan, inPlanJSON)
	}
	// What is written into a .env file, by the user and by dotenv.
	for name := range checks {
		at("in .env: "+name, inDotenv)
	}
	at("in .env: broken", inDotenv)
	at("made: terrascale_postgresql_readonly_role.sealed", inDotenv)
	for _, kind := range []string{"password", "API key", "PostgreSQL credential"} {
		at("made: ephemeral "+kind, inDotenv)
	}
	// What a server is given in place of a password.
	at("verifier: PostgreSQL", inPostgreSQL)
	at("verifier: MariaDB", inMariaDB)
	return finds
}

// A full life of all that holds secrets, with every error on the way, and all logs on: each secret is where the user put it or chose to hold it, and
// nowhere else, in no spelling.
func TestAFullLifeLeavesNoSecret(t *testing.T) {
	l := newLeakLife(t)
	l.journalFolder(t)
	const mark = "TERRASCALE_TEST_MARK=leaks"
	l.Environment = append(l.Environment, mark, "TF_LOG=TRACE", "TF_LOG_PATH="+l.trace, "TMPDIR="+l.temporary, "GOTRACEBACK=all", "MONGODB_LOG_ALL=trace",
		"MONGODB_LOG_PATH=stderr")
	endOfWatch := l.watch(t, mark, map[string]string{inTemporary: l.temporary, inJournal: filepath.Join(l.Dir, ".terraform", "terrascale")})
	t.Run("life", l.lives) // What a life that fails leaves is looked at, too.
	l.plants(t)
	endOfWatch()

	search := l.search(t)
	found := map[leaks.Find]string{}
	for find, where := range search.Found() {
		kind, _, _ := strings.Cut(find.Secret, " #")
		found[leaks.Find{Place: find.Place, Secret: kind}] = where
	}
	for find, where := range found {
		if !slices.Contains(allowed(), find) {
			t.Errorf("leaked: %s, in %s: %s", find.Secret, find.Place, where)
		}
	}
	for _, find := range allowed() {
		if _, isFound := found[find]; !isFound {
			t.Errorf("not found where it is allowed, and in fact written: %s, in %s", find.Secret, find.Place)
		}
	}
	report := reliability.Leaks{Secrets: search.Secrets(), Files: search.Files(), MiB: float64(search.Bytes()) / (1 << 20), Places: search.Places()}
	t.Logf("%+v", report)
	if !t.Failed() {
		require.NoError(t, reliability.Write(report))
	}
}
