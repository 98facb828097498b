// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
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
	t.Run("says that a replacement has no overlap", l.replaces)
	t.Run("shows drift and mends it", l.drifts)
	t.Run("shares an outage", l.sharesAnOutage)
	t.Run("imports", l.imports)
	t.Run("survives kill -9 at its messages", l.survivesKills)
	t.Run("leaks no secret", l.leaksNothing)
	t.Run("leaves nothing", l.leavesNothing)
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

func (l ReadOnlyLogin) replaces(t *testing.T) {
	s := l.subject(t, "replaces", l.Port, rotating)
	s.apply()
	s.Must("taint", l.Type+".test")
	action, printed := s.planned()
	require.Equal(t, "delete-create", action)
	require.Contains(t, printed, "will be replaced: main/"+s.name)
	require.Contains(t, Plain(printed), "run terraform untaint, and change rotation.trigger")
	s.Must("untaint", l.Type+".test")
	_, printed = s.planned()
	require.NotContains(t, printed, "replaced: main/"+s.name)
	// Terraform shows no warning of the plan of -replace: the apply says what it did.
	printed = s.apply("-replace=" + l.Type + ".test")
	require.Contains(t, printed, "was replaced: main/"+s.name)
	require.Contains(t, Plain(printed), "change rotation.trigger instead of using -replace")
	require.NoError(t, l.Read(s.login()))
	s.destroy()

	s = l.subject(t, "replaces", l.Port, "")
	s.apply()
	require.NotContains(t, s.apply("-replace="+l.Type+".test"), "replaced: main/", "without rotation there is no overlap to lose")
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

// sharesAnOutage refreshes many logins of a server that can't be reached: that is told in full once.
func (l ReadOnlyLogin) sharesAnOutage(t *testing.T) {
	const many = 12
	s := l.subject(t, "outage_${count.index}", l.Port, fmt.Sprintf("count = %d", many))
	s.apply()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	closed, ok := listener.Addr().(*net.TCPAddr)
	require.True(t, ok)
	require.NoError(t, listener.Close())
	away := l.subject(t, "outage_${count.index}", closed.Port, fmt.Sprintf("count = %d", many))
	state, err := os.ReadFile(filepath.Join(s.Dir, "terraform.tfstate"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(away.Dir, "terraform.tfstate"), state, 0o600))
	result, err := away.Run(t.Context(), append([]string{"plan"}, quiet...)...)
	require.NoError(t, err)
	require.Equal(t, 1, result.ExitCode)
	require.Equal(t, many, strings.Count(result.Output, "Error: "), result.Output)
	require.Equal(t, many-1, strings.Count(Plain(result.Output), "The same failure as another resource's in this run"), result.Output)
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
