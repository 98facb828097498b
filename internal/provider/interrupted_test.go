// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/delayproxy"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/reliability"
)

const (
	// endsWithin is what Ctrl-C may take, and noise what a machine that runs other tests meanwhile adds to it.
	endsWithin, noise = 2 * time.Second, 4 * time.Second
	// farAway is what each round trip to a server takes, and unresponsive is longer than any test waits.
	farAway, unresponsive = 150 * time.Millisecond, 10 * time.Minute
)

// farFrom gives a port at which a server is far away.
func farFrom(t *testing.T, host string, port int) int {
	t.Helper()
	proxy, err := delayproxy.New(net.JoinHostPort(host, strconv.Itoa(port)), farAway)
	require.NoError(t, err)
	t.Cleanup(func() { _ = proxy.Close() })
	return proxy.Port()
}

// Ctrl-C ends an apply soon, however slow the servers are. What is made is in the state, and one more apply reaches what is wanted.
func TestCtrlCEndsAnApplySoon(t *testing.T) {
	s := newShared(t, "interrupted")
	near := s.configuration(disturbed)
	far := near
	for _, port := range []int{s.database.Port, s.mariaDB.Port, s.redis.Port} {
		far = strings.ReplaceAll(far, fmt.Sprintf("= %d\n", port), fmt.Sprintf("= %d\n", farFrom(t, "localhost", port)))
	}
	w := acctest.NewWorkspace(t, near)
	rounds := 2
	if os.Getenv(faultsVariable) != "" {
		rounds = 15
	}
	turn := 1
	onNext := func(command ...string) []string {
		return quietly(append(command, fmt.Sprintf("-var=turn=%d", turn))...)
	}
	w.Must(onNext("apply", "-auto-approve")...)
	want := s.counts(t)
	report := reliability.Interrupts{}
	// The CLI takes no Ctrl-C while 'apply' plans: a plan and its apply are two commands here.
	strike := func(name string, delay time.Duration, isPlan bool, hold, release func()) {
		t.Helper()
		turn++
		report.Rounds++
		w.Configure(far)
		command := onNext("plan", "-out=saved")
		if !isPlan {
			w.Must(command...)
			command = append(quietly("apply"), "saved")
		}
		if hold != nil {
			hold()
		}
		s.service.ResetRequests()
		var struck time.Time
		said, code := w.RunAndStrike(delay, noHang, func(r *acctest.Running) {
			// The CLI forgets a Ctrl-C that comes before it has begun to plan or apply.
			require.Eventually(t, func() bool { return len(s.service.Requests()) > 0 }, noHang, 10*time.Millisecond)
			struck = time.Now()
			r.Interrupt()
		}, command...)
		said = fmt.Sprintf("%s, after %s: exit code %d\n%s", name, delay, code, said)
		if !struck.IsZero() {
			lasted := time.Since(struck)
			report.Cut++
			report.LongestSeconds = max(report.LongestSeconds, lasted.Seconds())
			t.Logf("%s, after %s: ended within %.2f s", name, delay.Round(time.Millisecond), lasted.Seconds())
			require.Less(t, lasted, endsWithin+noise, said)
		}
		if release != nil {
			release()
		}
		state, err := os.ReadFile(filepath.Join(w.Dir, "terraform.tfstate"))
		require.NoError(t, err)
		require.True(t, json.Valid(state), said)
		w.Configure(near)
		output, code := w.RunWithin(noHang, onNext("apply", "-auto-approve")...)
		require.Zero(t, code, "%s\n\nthe next apply:\n%s", said, output)
		w.Must(onNext("plan", "-detailed-exitcode")...)
		require.Equal(t, want, s.counts(t), "%s\n\nthe next apply:\n%s", said, output)
	}
	s.service.Inject(emulator.Fault{Delay: farAway, Times: -1})
	for range rounds {
		strike("a plan of what is far away", time.Duration(rand.Int64N(int64(3*time.Second))), true, nil, nil)
		strike("an apply of what is far away", time.Duration(rand.Int64N(int64(3*time.Second))), false, nil, nil)
	}
	s.service.ClearFaults()
	strike("a service that does not answer", 3*time.Second, false, func() {
		s.service.Inject(emulator.Fault{Delay: unresponsive, Times: -1})
	}, s.service.ClearFaults)
	released := make(chan error, 2)
	strike("locks that others hold", 3*time.Second, false, func() {
		go func() {
			released <- s.database.TryAs(s.database.Admin, s.database.AdminPassword,
				"BEGIN", "LOCK TABLE orders IN ACCESS EXCLUSIVE MODE", "LOCK TABLE pg_authid IN EXCLUSIVE MODE", "SELECT pg_sleep(12)", "COMMIT")
		}()
		go func() {
			released <- s.mariaDB.TryAs(s.mariaDB.Admin, s.mariaDB.AdminPassword, "FLUSH TABLES WITH READ LOCK", "SELECT SLEEP(12)", "UNLOCK TABLES")
		}()
	}, func() {
		require.NoError(t, <-released)
		require.NoError(t, <-released)
	})
	require.Positive(t, report.Cut)
	if os.Getenv(faultsVariable) != "" {
		require.NoError(t, reliability.Write(report))
	}
}
