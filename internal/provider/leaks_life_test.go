// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/joho/godotenv"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/recipients"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/filetree"
)

// run runs the CLI, and keeps what it printed and what it left.
func (l *leakLife) run(t *testing.T, isToFail bool, arguments ...string) string {
	t.Helper()
	l.setEnvironment()
	began := time.Now()
	output, code := l.RunWithin(noHang, append(arguments, "-no-color")...)
	t.Logf("%.1f s: %v", time.Since(began).Seconds(), arguments)
	l.keep(t, output)
	require.Equal(t, isToFail, code != 0, "%v: %s", arguments, output)
	return output
}

// setEnvironment gives the CLI its variables.
func (l *leakLife) setEnvironment() {
	l.Environment = slices.DeleteFunc(l.Environment, func(variable string) bool { return strings.HasPrefix(variable, "TF_VAR_") })
	for name, text := range l.variables {
		l.Environment = append(l.Environment, "TF_VAR_"+name+"="+text)
	}
}

// showJSON has the CLI say all that is in a plan, or in the state, which no log does.
func (l *leakLife) showJSON(t *testing.T, of ...string) {
	t.Helper()
	output, code := l.RunWithin(noHang, append([]string{"show", "-json"}, of...)...)
	require.Zero(t, code, output)
	l.add(inPlanJSON, output)
}

func (l *leakLife) apply(t *testing.T, arguments ...string) {
	t.Helper()
	l.run(t, false, append([]string{"apply", "-auto-approve", "-input=false"}, arguments...)...)
	l.learn(t)
}

// keep keeps what a run printed, and the folder as it is after it.
func (l *leakLife) keep(t *testing.T, output string) {
	t.Helper()
	l.add(inOutput, output)
	l.add(inOutput, acctest.Plain(output)) // A line that the CLI broke is whole here.
	for path, content := range filetree.Read(t, l.Dir) {
		l.add(placeOf(path), path+"\n"+content)
		if strings.HasSuffix(path, ".plan") {
			l.add(inPlan, content) // It is an archive only where nothing stands before it.
		}
	}
}

func placeOf(path string) string {
	switch base := filepath.Base(path); {
	case strings.HasSuffix(base, ".plan"):
		return inPlan
	case strings.Contains(base, ".tfstate"):
		return inState
	case strings.HasSuffix(base, ".env"):
		return inDotenv
	case strings.HasPrefix(filepath.ToSlash(path), ".terraform/terrascale/"):
		return inJournal
	default:
		return inFiles
	}
}

// learn reads the secrets that the run made from where they are meant to be.
func (l *leakLife) learn(t *testing.T) {
	t.Helper()
	var state struct {
		Resources []struct {
			Type, Name string
			Instances  []struct{ Attributes map[string]any }
		}
	}
	content, err := os.ReadFile(filepath.Join(l.Dir, "terraform.tfstate"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(content, &state))
	for _, found := range state.Resources {
		for _, instance := range found.Instances {
			for _, attribute := range []string{"password", "secret"} {
				if clear, ok := instance.Attributes[attribute].(string); ok {
					l.knows("made: "+found.Type+"."+found.Name, clear)
				}
				if sealed, ok := instance.Attributes[attribute+"_encrypted"].(string); ok {
					opened, err := recipients.Decrypt(sealed, l.identity.String())
					require.NoError(t, err)
					l.knows("made: "+found.Type+"."+found.Name, opened.Reveal())
				}
			}
		}
	}
	if variables, err := godotenv.Read(filepath.Join(l.Dir, ".env")); err == nil {
		for i, part := range strings.Fields(variables["FOR_THIS_RUN"]) {
			l.knows("made: ephemeral "+[]string{"password", "API key", "PostgreSQL credential"}[i], part)
		}
	}
	for _, verifier := range l.database.Texts("SELECT rolpassword FROM pg_authid WHERE rolpassword IS NOT NULL") {
		l.knows("verifier: PostgreSQL", verifier)
	}
	for _, verifier := range l.mariaDB.Texts("SELECT JSON_VALUE(Priv, '$.authentication_string') FROM mysql.global_priv WHERE User LIKE 'leaks%'") {
		l.knows("verifier: MariaDB", strings.TrimPrefix(verifier, "*"))
	}
	users, err := l.redis.Texts("ACL", "LIST")
	require.NoError(t, err)
	for _, user := range users {
		for _, word := range strings.Fields(user) {
			if digest, isDigest := strings.CutPrefix(word, "#"); isDigest {
				l.knows("verifier: Redis", digest)
			}
		}
	}
	given := l.gateway.gifts()
	for i := 0; i < len(given); i += 2 {
		kind := "given by the service: " + given[i]
		if given[i] == "apiKey" {
			kind = "made: API key" // Also of those that no state holds, since an answer was lost.
		}
		l.knows(kind, given[i+1])
	}
}

// lives goes through the life.
func (l *leakLife) lives(t *testing.T) {
	t.Helper()
	planned := func() {
		t.Helper()
		l.run(t, false, "plan", "-input=false", "-out=saved.plan")
		l.run(t, false, "show", "saved.plan")
		l.showJSON(t, "saved.plan")
	}
	// Created, from a saved plan.
	planned()
	l.apply(t, "saved.plan")
	// Rotated.
	l.variables["chosen"] = hostile("chosen once more")
	l.knows("given: chosen", l.variables["chosen"])
	l.variables["trigger"] = "2"
	planned()
	l.apply(t, "saved.plan")
	l.drifts(t)
	l.apply(t)
	l.fails(t)
	l.variables["trigger"] = "5"
	l.apply(t)
	l.imports(t)
	l.run(t, false, "output")
	l.showJSON(t)
	l.run(t, false, "destroy", "-auto-approve", "-input=false")
	l.learn(t)
}

// drifts changes everything outside.
func (l *leakLife) drifts(t *testing.T) {
	t.Helper()
	l.database.Exec("ALTER ROLE leaks_sealed_a NOLOGIN", "DROP OWNED BY leaks_clear", "DROP ROLE leaks_clear")
	l.mariaDB.Exec("DROP USER leaks_clear", "ALTER USER leaks_sealed_a ACCOUNT LOCK")
	l.redis.Exec("ACL DELUSER leaks_clear")
	l.redis.Exec("ACL SETUSER leaks_sealed off")
	l.run(t, false, "plan", "-input=false")
}

// imports forgets what has a password, and imports it.
func (l *leakLife) imports(t *testing.T) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(l.Dir, "terraform.tfstate"))
	require.NoError(t, err)
	var state struct {
		Resources []struct {
			Type, Name string
			Instances  []struct {
				Attributes struct {
					KeyID string `json:"key_id"`
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal(content, &state))
	ids := map[string]string{
		"terrascale_postgresql_readonly_role.chosen": "main/leaks_chosen", "terrascale_mysql_readonly_user.chosen": "main/leaks_chosen@%",
		"terrascale_redis_readonly_user.chosen": "main/leaks_chosen",
	}
	for _, found := range state.Resources {
		if found.Type == "terrascale_api_key" && found.Name == "sealed" {
			ids["terrascale_api_key.sealed"] = found.Instances[0].Attributes.KeyID
		}
	}
	require.Len(t, ids, 4)
	for address, id := range ids {
		l.run(t, false, "state", "rm", address)
		l.run(t, false, "import", "-input=false", address, id)
	}
	l.apply(t)
}

// fails goes through what can go wrong.
func (l *leakLife) fails(t *testing.T) {
	t.Helper()
	plan := []string{"plan", "-input=false"}
	with := func(change map[string]string, run func()) {
		t.Helper()
		before := map[string]string{}
		for name, text := range change {
			before[name] = l.variables[name]
			l.variables[name] = text
			if text := change[name]; len(text) >= len(canary) {
				l.knows("given: "+name, text)
			}
		}
		run()
		for name := range change {
			l.variables[name] = before[name]
		}
	}
	// Passwords that are wrong, everywhere.
	with(map[string]string{
		"postgresql_password": hostile("wrong for PostgreSQL"), "mysql_password": hostile("wrong for MariaDB"), "redis_password": hostile("wrong for Redis"),
		"token": "wrong-Token-0f-this-test", "login_password": hostile("wrong login"), "age_identity": strings.Replace(l.identity.String(), "1", "1Q", 1),
	}, func() {
		l.run(t, true, plan...)
		l.run(t, true, "apply", "-auto-approve", "-input=false", "-refresh=false", "-var=trigger=wrong")
	})
	with(map[string]string{"totp_secret": "no base32: 0189-0189-0189-0189"}, func() { l.run(t, true, plan...) })
	// A service, and a proxy, that say what they were sent; and answers that are lost.
	for name, lie := range l.gateway.serviceLies() {
		lied := 0
		l.gateway.tell(lie)
		l.run(t, true, plan...)
		l.gateway.tell(func(w http.ResponseWriter, r *http.Request, body string) {
			// Only what is made fails, and not already the key that the plan makes.
			if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/apikeys") && !strings.Contains(body, "leaks-this-run") {
				lied++
				lie(w, r, body)
				return
			}
			l.gateway.carryOut(w, r)
		})
		l.run(t, true, "apply", "-auto-approve", "-input=false", "-var=trigger="+name)
		l.gateway.tell(nil)
		require.Positive(t, lied, name)
		l.learn(t)
	}
	// Something that nobody has, by a name that goes everywhere.
	l.run(t, true, "plan", "-input=false", "-var=organization="+canary)
	// A .env file that nobody can read, with what is in it at the place that the reader stops at.
	for name, broken := range map[string]string{"checks.env": "UNTRUSTED=\"%s\nrest", ".env": "%s'\n= "} {
		path := filepath.Join(l.Dir, name)
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		password := hostile("broken " + name)
		l.knows("in .env: broken", password)
		require.NoError(t, os.WriteFile(path, fmt.Appendf(nil, broken, password), 0o600))
		l.run(t, name == ".env", "apply", "-auto-approve", "-input=false", "-var=trigger="+name)
		require.NoError(t, os.WriteFile(path, content, 0o600))
		l.learn(t)
	}
	// Databases that refuse statements, in words that hold them.
	l.database.Exec(`CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused: %', current_query(); END $$`,
		"CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('GRANT', 'REVOKE') EXECUTE FUNCTION refuse()")
	l.mariaDB.Exec("INSTALL SONAME 'simple_password_check'", "SET GLOBAL strict_password_validation = ON")
	const rescue = "rescue"
	l.redis.Exec("ACL SETUSER " + rescue + " on nopass ~* &* +@all")
	l.redis.Exec("ACL SETUSER " + l.redis.Admin + " -acl|setuser")
	l.run(t, true, "apply", "-auto-approve", "-input=false", "-var=trigger=refused", "-var=table=others")
	l.database.Exec("DROP EVENT TRIGGER refuse", "CREATE TABLE public.others (id int)")
	l.mariaDB.Exec("UNINSTALL SONAME 'simple_password_check'", "SET GLOBAL strict_password_validation = OFF")
	require.NoError(t, l.redis.TryAs(rescue, secret.New("any"), "ACL", "SETUSER", l.redis.Admin, "+acl|setuser"))
	l.learn(t)
	// A provider that ends in the middle, by its own runtime and by another's hand.
	for trigger, strike := range map[string]func(*acctest.Running){"crashed": (*acctest.Running).CrashProvider, "killed": (*acctest.Running).KillProvider} {
		l.setEnvironment()
		output, _ := l.RunAndStrike(time.Second, noHang, strike, "apply", "-auto-approve", "-input=false", "-no-color", "-var=trigger="+trigger)
		l.keep(t, output)
		l.learn(t)
	}
}
