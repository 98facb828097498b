// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"encoding/json"
	"fmt"
	"iter"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// ReadOnlyLogin is a resource that keeps a login which can only read. Conform holds it to the one list of what all such
// resources do, on whatever database.
type ReadOnlyLogin struct {
	// Type is the resource's type name.
	Type string
	// Host and Port are the server's.
	Host string
	Port int
	// Admin is the password that the provider logs in with.
	Admin secret.String
	// ProviderHCL gives a provider block with the server named "main", at a port: the server's own, or one that leads there.
	ProviderHCL func(port int) string
	// Arguments say in HCL what the login may read.
	Arguments string
	// ImportID gives what a login of a name is imported by.
	ImportID func(name string) string
	// Read and Write do as a login what it may, and what it may not; nil means that it was done.
	Read, Write func(login Login) error
	// Exceed gives a login more than reading, and Drop drops it, both behind Terraform's back.
	Exceed, Drop func(name string)
	// Present lists what the server has under names that begin with a prefix.
	Present func(prefix string) []string
	// Logs are the server's log files.
	Logs []string
}

// Login is who logs in, and with what.
type Login struct {
	Username string
	Password secret.String
}

// Conform runs the list.
func (l ReadOnlyLogin) Conform(t *testing.T) {
	t.Run("creates, and the next plan is empty", l.creates)
	t.Run("reads only", l.readsOnly)
	t.Run("rotates with an overlap, and ends the old one", l.rotates)
	t.Run("shows drift and mends it", l.drifts)
	t.Run("imports", l.imports)
	t.Run("survives kill -9 at its messages", l.survivesKills)
	t.Run("leaks no secret", l.leaksNothing)
	t.Run("leaves nothing", l.leavesNothing)
}

// subject is a login in a workspace of its own.
type subject struct {
	ReadOnlyLogin
	*Workspace
	t    *testing.T
	name string
}

var quiet = []string{"-input=false", "-no-color"}

// subject lays out a login by a name, with more arguments, on the server at a port.
func (l ReadOnlyLogin) subject(t *testing.T, name string, port int, more string) *subject {
	t.Helper()
	s := &subject{ReadOnlyLogin: l, t: t, name: "conform_" + name}
	s.Workspace = NewWorkspace(t, l.ProviderHCL(port)+fmt.Sprintf(`
variable "trigger" {
  default = "first"
}

variable "overlap" {
  default = "7d"
}

resource %q "test" {
  server = "main"
  name   = %q
  %s
  %s
}
`, l.Type, s.name, l.Arguments, more))
	return s
}

const rotating = `rotation = { every = "90d", overlap = var.overlap, trigger = var.trigger }`

func (s *subject) apply(variables ...string) string {
	s.t.Helper()
	return s.Must(append(append([]string{"apply", "-auto-approve"}, quiet...), variables...)...)
}

// planned gives the action of a plan, and what it prints.
func (s *subject) planned(variables ...string) (action, printed string) {
	s.t.Helper()
	printed = s.Must(append(append([]string{"plan", "-out=planned"}, quiet...), variables...)...)
	var plan struct {
		Changes []struct {
			Change struct{ Actions []string }
		} `json:"resource_changes"`
	}
	require.NoError(s.t, json.Unmarshal([]byte(s.Must("show", "-json", "planned")), &plan))
	require.Len(s.t, plan.Changes, 1)
	return strings.Join(plan.Changes[0].Change.Actions, "-"), printed
}

// requireEmpty asks for a plan without changes.
func (s *subject) requireEmpty(variables ...string) {
	s.t.Helper()
	s.Must(append(append([]string{"plan", "-detailed-exitcode"}, quiet...), variables...)...)
}

// login gives who logs in by the state. A resource without username logs in by its name.
func (s *subject) login() Login {
	s.t.Helper()
	var state struct {
		Values struct {
			Root struct {
				Resources []struct {
					Values struct{ Username, Password string }
				}
			} `json:"root_module"`
		}
	}
	require.NoError(s.t, json.Unmarshal([]byte(s.Must("show", "-json")), &state))
	require.Len(s.t, state.Values.Root.Resources, 1)
	values := state.Values.Root.Resources[0].Values
	if values.Username == "" {
		values.Username = s.name
	}
	return Login{values.Username, secret.New(values.Password)}
}

// setAt gives when the password was set, by the state's file.
func (s *subject) setAt() string {
	s.t.Helper()
	var state struct {
		Resources []struct {
			Instances []struct {
				Attributes struct {
					SetAt string `json:"password_set_at"`
				}
			}
		}
	}
	content, err := os.ReadFile(filepath.Join(s.Dir, "terraform.tfstate"))
	require.NoError(s.t, err)
	require.NoError(s.t, json.Unmarshal(content, &state))
	require.Len(s.t, state.Resources, 1)
	require.NotEmpty(s.t, state.Resources[0].Instances[0].Attributes.SetAt)
	return state.Resources[0].Instances[0].Attributes.SetAt
}

func (s *subject) destroy() {
	s.t.Helper()
	s.Must(append([]string{"destroy", "-auto-approve"}, quiet...)...)
}

func (l ReadOnlyLogin) creates(t *testing.T) {
	s := l.subject(t, "creates", l.Port, "")
	action, _ := s.planned()
	require.Equal(t, "create", action)
	require.Empty(t, l.Present(s.name), "a plan makes nothing")
	s.apply()
	s.requireEmpty()
	require.NoError(t, l.Read(s.login()))
	s.destroy()
}

func (l ReadOnlyLogin) readsOnly(t *testing.T) {
	for name, more := range map[string]string{"plain": "", "rotating": rotating} {
		s := l.subject(t, name, l.Port, more)
		s.apply()
		require.NoError(t, l.Read(s.login()), name)
		require.Error(t, l.Write(s.login()), name)
		wrong := s.login()
		wrong.Password = secret.New("not-the-password")
		require.Error(t, l.Read(wrong), name)
		s.destroy()
	}
}

func (l ReadOnlyLogin) rotates(t *testing.T) {
	s := l.subject(t, "rotates", l.Port, rotating)
	s.apply()
	first := s.login()
	action, printed := s.planned("-var=trigger=second")
	require.Equal(t, "update", action)
	require.Contains(t, printed, "trigger", "the plan says why")
	require.NoError(t, l.Read(first), "a plan changes nothing")
	s.apply("-var=trigger=second")
	second := s.login()
	require.NotEqual(t, first.Password.Reveal(), second.Password.Reveal())
	require.NoError(t, l.Read(first), "the overlap")
	require.NoError(t, l.Read(second))
	require.Error(t, l.Write(second))
	s.requireEmpty("-var=trigger=second")

	s.apply("-var=trigger=third", "-var=overlap=0s")
	third := s.login()
	require.NoError(t, l.Read(third))
	for _, ended := range []Login{first, second} {
		require.Error(t, l.Read(ended), "no overlap: the ones before are ended in the same apply")
	}
	s.requireEmpty("-var=trigger=third", "-var=overlap=0s")
	s.destroy()
}

func (l ReadOnlyLogin) drifts(t *testing.T) {
	s := l.subject(t, "drifts", l.Port, "")
	s.apply()
	l.Exceed(s.name)
	require.NoError(t, l.Write(s.login()), "somebody let it write")
	action, _ := s.planned()
	require.Equal(t, "update", action)
	s.apply()
	s.requireEmpty()
	require.Error(t, l.Write(s.login()))
	require.NoError(t, l.Read(s.login()))

	l.Drop(s.name)
	action, _ = s.planned()
	require.Equal(t, "create", action)
	s.apply()
	s.requireEmpty()
	require.NoError(t, l.Read(s.login()))
	s.destroy()
}

func (l ReadOnlyLogin) imports(t *testing.T) {
	s := l.subject(t, "imports", l.Port, "")
	s.apply()
	login := s.login()
	s.Must("state", "rm", l.Type+".test")
	s.Must(append(append([]string{"import"}, quiet...), l.Type+".test", l.ImportID(s.name))...)
	// The server does not give a password back; a configuration that generates one sets another.
	action, _ := s.planned()
	require.Contains(t, []string{"no-op", "update"}, action, "it is taken over in place")
	require.NoError(t, l.Read(login))
	s.apply()
	s.requireEmpty()
	require.NotEmpty(t, l.Present(s.name))
	s.destroy()

	// One that is there is never taken over by a create.
	s.apply()
	other := l.subject(t, "imports", l.Port, "")
	result, err := other.Run(t.Context(), append([]string{"apply", "-auto-approve"}, quiet...)...)
	require.NoError(t, err)
	require.NotZero(t, result.ExitCode)
	require.Contains(t, result.Output, "import")
	require.NoError(t, l.Read(s.login()), "it was left as it is")
	s.destroy()
}

// leaksNothing has the provider take a password that nobody keeps, and looks for it wherever something is written.
func (l ReadOnlyLogin) leaksNothing(t *testing.T) {
	s := l.subject(t, "leaks", l.Port, "password_wo = var.password\n"+rotating+"\n}\nvariable \"password\" {\n  ephemeral = true")
	trace := filepath.Join(t.TempDir(), "trace.log")
	s.Environment = append(s.Environment, "TF_LOG=TRACE", "TF_LOG_PATH="+trace)
	passwords := []string{"conform-One-passw0rd", "conform-Tw0-passw0rd"}
	var printed strings.Builder
	for i, password := range passwords {
		s.Environment = append(s.Environment, "TF_VAR_password="+password)
		trigger := "-var=trigger=" + strconv.Itoa(i)
		_, plan := s.planned(trigger)
		printed.WriteString(plan + s.Must("show", "planned") + s.Must("show", "-json", "planned") + s.apply(trigger) + s.Must("show", "-json"))
		login := s.login()
		login.Password = secret.New(password)
		require.NoError(t, l.Read(login))
	}
	s.destroy()
	for _, log := range append([]string{trace}, l.Logs...) {
		content, err := os.ReadFile(log)
		require.NoError(t, err)
		require.NotEmpty(t, content, log)
		require.NotContains(t, string(content), l.Admin.Reveal(), log)
		printed.Write(content)
	}
	for _, backup := range []string{"terraform.tfstate", "terraform.tfstate.backup"} {
		content, err := os.ReadFile(filepath.Join(s.Dir, backup))
		require.NoError(t, err)
		printed.Write(content)
	}
	for _, password := range passwords {
		require.NotContains(t, printed.String(), password)
	}
}

func (l ReadOnlyLogin) leavesNothing(t *testing.T) {
	s := l.subject(t, "leaves", l.Port, rotating)
	s.apply()
	s.apply("-var=trigger=second")
	require.NotEmpty(t, l.Present(s.name))
	s.destroy()
	require.Empty(t, l.Present("conform_"), "nor is anything left of the behaviours above")
}

// proxied lays out a login on the server by way of a proxy.
func (l ReadOnlyLogin) proxied(t *testing.T, name string) (*subject, *CutProxy) {
	t.Helper()
	proxy := NewCutProxy(t, net.JoinHostPort(l.Host, strconv.Itoa(l.Port)))
	return l.subject(t, name, proxy.Port(), rotating), proxy
}

// mostSteps is more messages than any apply of one login sends: beyond it, the test has gone astray.
const mostSteps = 200

// steps gives the messages to kill at: the first, one in the middle of what a plan sends, and each from where that ends.
func steps(planned int) iter.Seq[int] {
	return func(yield func(int) bool) {
		begin := max(planned-3, 0)
		if begin > 0 && (!yield(0) || !yield(begin/2)) {
			return
		}
		for step := begin; step < begin+mostSteps && yield(step); step++ {
		}
	}
}

// survivesKills kills the provider at its messages, one after the other; each apply finds what the one before left.
func (l ReadOnlyLogin) survivesKills(t *testing.T) {
	s, proxy := l.proxied(t, "kills")
	untilDone := func(trigger string, afterKill func(step int)) {
		s.Environment = append(s.Environment, "TF_VAR_trigger="+trigger)
		proxy.CutAt(-1)
		s.planned()
		// Before the apply writes it reads, as a plan does: one kill in there is as good as any.
		for step := range steps(proxy.Passed()) {
			if !s.ApplyAndKill(proxy.CutAt(step)) {
				proxy.CutAt(-1)
				require.Greater(t, step, 3, "the provider was killed at its steps")
				s.requireEmpty()
				return
			}
			afterKill(step)
		}
		t.Fatal("the apply never came to its end")
	}
	untilDone("create", func(step int) {
		login := Login{Username: s.name, Password: secret.New("")}
		require.Error(t, l.Read(login), "nobody logs in after a kill at step %d", step)
	})
	first := s.login()
	require.NoError(t, l.Read(first))
	require.Error(t, l.Write(first))
	setAt := s.setAt()
	untilDone("rotate", func(step int) {
		require.NoError(t, l.Read(first), "the login in use works after a kill at step %d", step)
		require.Equal(t, setAt, s.setAt(), "its age is still known after a kill at step %d", step)
	})
	second := s.login()
	require.NotEqual(t, first.Password.Reveal(), second.Password.Reveal())
	require.NoError(t, l.Read(first), "the overlap goes on")
	require.NoError(t, l.Read(second))
	untilDone("rotate again", func(step int) {
		require.NoError(t, l.Read(second), "the login in use works after a kill at step %d", step)
	})
	third := s.login()
	require.Error(t, l.Read(first), "the first password is over")
	require.NoError(t, l.Read(second))
	require.NoError(t, l.Read(third))
	require.Error(t, l.Write(third))
	s.destroy()
	require.Empty(t, l.Present(s.name))
}
