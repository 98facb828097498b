// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysqlreadonlyuser_test

import (
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// mostSteps is more messages than any apply here sends: beyond it, the test has gone astray.
const mostSteps = 200

// killed is a configuration whose provider reaches the server through a proxy that can hold it up.
type killed struct {
	*acctest.Workspace
	t     *testing.T
	m     *acctest.MariaDB
	proxy *acctest.CutProxy
}

func newKilled(t *testing.T, m *acctest.MariaDB, body string) *killed {
	t.Helper()
	proxy := acctest.NewCutProxy(t, net.JoinHostPort(m.Host, strconv.Itoa(m.Port)))
	through := *m.MariaDB
	through.Port = proxy.Port()
	provided := (&acctest.MariaDB{MariaDB: &through}).ServerHCL()
	return &killed{Workspace: acctest.NewWorkspace(t, provided+body), t: t, m: m, proxy: proxy}
}

// untilDone kills at the first message, at the second, and so on; each apply finds what the one before it left.
func (k *killed) untilDone(afterKill func(step int)) {
	k.t.Helper()
	for step := range mostSteps {
		if !k.ApplyAndKill(k.proxy.CutAt(step)) {
			k.proxy.CutAt(-1)
			require.Greater(k.t, step, 10, "the provider was killed at its steps")
			k.Must("plan", "-input=false", "-no-color", "-detailed-exitcode")
			return
		}
		afterKill(step)
	}
	k.t.Fatal("the apply never came to its end")
}

type login struct{ Username, Password string }

func (k *killed) login() (found login) {
	k.t.Helper()
	require.NoError(k.t, json.Unmarshal([]byte(k.Must("output", "-json", "now")), &found))
	return found
}

func (k *killed) reads(l login) error {
	return k.m.TryAs(l.Username, secret.New(l.Password), "SELECT * FROM kills.users")
}

// privileges gives what a user may do, each privilege on each thing, and whether it can log in.
func privileges(m *acctest.MariaDB, username string) (held []string, canLogin bool) {
	if !m.UserExists(username) {
		return nil, false
	}
	for _, line := range grantsOf(m, "'"+username+"'@'%'") {
		what, _, _ := strings.Cut(strings.TrimPrefix(line, "GRANT "), " TO ")
		if list, on, _ := strings.Cut(what, " ON "); list != "USAGE" {
			for _, privilege := range strings.Split(list, ", ") {
				held = append(held, privilege+" ON "+on)
			}
		}
	}
	created := m.Texts("SHOW CREATE USER '" + username + "'@'%'")[0]
	return held, !strings.HasSuffix(created, "ACCOUNT LOCK")
}

const now = `
output "now" {
  value     = { username = ` + address + `.username, password = ` + address + `.password }
  sensitive = true
}`

var wholeDatabase = []string{"SELECT ON `kills`.*"}

// A provider that is killed at any statement leaves nobody with more than is wanted, or with less who can log in, and the next
// apply does it all.
func TestAccUserSurvivesKills(t *testing.T) {
	m := newDatabase(t, "kills")
	k := newKilled(t, m, "variable \"trigger\" {}\n"+user(`
  name     = "kills"
  grants   = { kills = {} }
  rotation = { every = "90d", overlap = "7d", trigger = var.trigger }`)+now)
	// apply sets the trigger, and looks after each kill at whoever is there.
	apply := func(trigger string, afterKill func(step int)) {
		k.Environment = append(k.Environment, "TF_VAR_trigger="+trigger)
		k.untilDone(func(step int) {
			for _, member := range []string{"kills_a", "kills_b"} {
				held, canLogin := privileges(m, member)
				require.Subset(t, wholeDatabase, held, "%s at step %d", member, step)
				if canLogin {
					require.ElementsMatch(t, wholeDatabase, held, "%s at step %d", member, step)
				}
			}
			afterKill(step)
		})
	}
	// One that can log in already is looked at once more before it is in the state: nobody has its password, and the next run
	// drops it.
	apply("create", func(int) { require.False(t, m.UserExists("kills_b")) })
	first := k.login()
	require.NoError(t, k.reads(first))
	require.False(t, m.UserExists("kills_b"))

	apply("rotate", func(step int) {
		require.NoError(t, k.reads(first), "the login in use works after a kill at step %d", step)
	})
	second := k.login()
	require.NotEqual(t, first.Username, second.Username)
	require.NoError(t, k.reads(first), "the overlap goes on")
	require.NoError(t, k.reads(second))

	apply("rotate again", func(step int) {
		require.NoError(t, k.reads(second), "the login in use works after a kill at step %d", step)
	})
	third := k.login()
	require.Equal(t, first.Username, third.Username)
	require.Error(t, k.reads(first), "the first password is over")
	require.NoError(t, k.reads(second))
	require.NoError(t, k.reads(third))

	k.Configure(strings.Replace((&acctest.MariaDB{MariaDB: m.MariaDB}).ServerHCL(), fmt.Sprint(m.Port), fmt.Sprint(k.proxy.Port()), 1) +
		"variable \"trigger\" {}\n")
	k.untilDone(func(int) {})
	require.Empty(t, m.Traces("kills"))
}

// What goes is taken before what comes is given, but for what is a part of it: whoever is logged in reads on.
func TestAccUserWhoseGrantsChangeHasNeverMore(t *testing.T) {
	m := newDatabase(t, "narrow")
	body := func(grants string) string {
		return user("name = \"narrow\"\ngrants = { " + grants + " }")
	}
	k := newKilled(t, m, body(`narrow = {}`))
	k.Must("apply", "-auto-approve", "-input=false", "-no-color")
	through := strings.Replace((&acctest.MariaDB{MariaDB: m.MariaDB}).ServerHCL(), fmt.Sprint(m.Port), fmt.Sprint(k.proxy.Port()), 1)
	k.Configure(through + body(`narrow = { tables = ["users"] }`))
	one := []string{"SELECT ON `narrow`.`users`"}
	k.untilDone(func(step int) {
		held, canLogin := privileges(m, "narrow")
		require.True(t, canLogin)
		isOld := len(held) > 0 && held[0] == "SELECT ON `narrow`.*"
		require.True(t, isOld && slices.Equal(held[1:], one[:len(held)-1]) || slices.Equal(held, one), "step %d: %v", step, held)
	})
	held, _ := privileges(m, "narrow")
	require.Equal(t, one, held)
	k.Must("destroy", "-auto-approve", "-input=false", "-no-color")
}

// The server has made the user, or a login of it, and Terraform never learns of it.
func TestAccUserOfAKilledRunIsDroppedByTheNext(t *testing.T) {
	m := newDatabase(t, "unsaved")
	body := func(more string) string {
		return user("name = \"unsaved\"\ngrants = { unsaved = {} }\n"+more) + now
	}
	k := newKilled(t, m, body(""))
	through := strings.Replace((&acctest.MariaDB{MariaDB: m.MariaDB}).ServerHCL(), fmt.Sprint(m.Port), fmt.Sprint(k.proxy.Port()), 1)
	works := func() {
		made := k.login()
		require.NoError(t, m.TryAs(made.Username, secret.New(made.Password), "SELECT * FROM unsaved.users"))
		k.Must("plan", "-input=false", "-no-color", "-detailed-exitcode")
	}
	// untilUnsaved kills ever later, until the user can log in by then; what is left before that is dropped by hand. The next apply
	// does without a hand. Two messages may arrive as one, which makes a step miss; then it begins again.
	untilUnsaved := func(made string, beginAgain func()) {
		for try, step := 0, 0; ; step++ {
			require.Less(t, try, 5, "no kill came between the server's last statement and Terraform's")
			if !k.ApplyAndKill(k.proxy.CutAnswerAt(step)) {
				k.proxy.CutAt(-1)
				beginAgain()
				try, step = try+1, -1
				continue
			}
			if _, canLogin := privileges(m, made); canLogin {
				break
			}
			if m.UserExists(made) {
				m.Exec("DROP USER " + made)
			}
		}
		k.proxy.CutAt(-1)
		k.Must("apply", "-auto-approve", "-input=false", "-no-color")
		works()
	}
	untilUnsaved("unsaved", func() { k.Must("destroy", "-auto-approve", "-input=false", "-no-color") })
	rotated := through + body(`rotation = { every = "90d", overlap = "7d" }`)
	k.Configure(rotated)
	untilUnsaved("unsaved_a", func() {
		k.Must("destroy", "-auto-approve", "-input=false", "-no-color")
		k.Configure(through + body(""))
		k.Must("apply", "-auto-approve", "-input=false", "-no-color")
		k.Configure(rotated)
	})
	k.Must("destroy", "-auto-approve", "-input=false", "-no-color")
	require.Empty(t, m.Traces("unsaved"))

	// A user of somebody else is none of this provider's business, killed or not.
	m.Exec("CREATE USER unsaved IDENTIFIED BY 'theirs'")
	result, err := k.Run(t.Context(), "apply", "-auto-approve", "-input=false", "-no-color")
	require.NoError(t, err)
	require.Zero(t, result.ExitCode, "rotated, it has other names: %s", result.Output)
	k.Must("destroy", "-auto-approve", "-input=false", "-no-color")
	k.Configure(through + body(""))
	result, err = k.Run(t.Context(), "apply", "-auto-approve", "-input=false", "-no-color")
	require.NoError(t, err)
	require.NotZero(t, result.ExitCode)
	require.Contains(t, result.Output, "terraform import")
	require.NoError(t, m.TryAs("unsaved", secret.New("theirs")))
	m.Exec("DROP USER unsaved")
}
