// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"iter"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// proxied lays out a login on the server by way of a proxy.
func (l ReadOnlyLogin) proxied(t *testing.T, name string) (*subject, *CutProxy) {
	t.Helper()
	proxy := NewCutProxy(t, net.JoinHostPort(l.Host, strconv.Itoa(l.Port)))
	return l.subject(t, name, proxy.Port(), rotating), proxy
}

// mostSteps is more messages than any apply of one login sends: beyond it, the test has gone astray.
const mostSteps = 200

// everyMessageVariable has each message be killed at, as 'make test-kills' does. Without it, it is one of some, from a random one on.
const (
	everyMessageVariable = "TEST_KILLS_EVERY_MESSAGE"
	some                 = 3
)

// steps gives the messages to kill at: the first, one in the middle of what a plan sends, and those from where that ends.
func steps(planned int) iter.Seq[int] {
	return func(yield func(int) bool) {
		begin, stride := max(planned-3, 0), some
		if os.Getenv(everyMessageVariable) != "" {
			stride = 1
		}
		if begin > 0 && (!yield(0) || !yield(begin/2)) {
			return
		}
		for step := begin + rand.IntN(stride); step < begin+mostSteps && yield(step); step += stride {
		}
	}
}

// survivesKills kills the provider at its messages, one later than the other; each apply finds what the one before left.
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
