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
	strike := func(name string, delay time.Duration, release func()) {
		t.Helper()
		turn++
		report.Rounds++
		w.Configure(far)
		var struck time.Time
		said, code := w.RunAndStrike(delay, noHang, func(r *acctest.Running) {
			struck = time.Now()
			r.Interrupt()
		}, onNext("apply", "-auto-approve")...)
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
		strike("servers that are far away", time.Duration(rand.Int64N(int64(5*time.Second))), nil)
	}
	s.service.ClearFaults()

	s.service.Inject(emulator.Fault{Operation: "createApiKey", Delay: unresponsive, Times: -1})
	s.service.Inject(emulator.Fault{Operation: "putIpAllowlist", Delay: unresponsive, Times: -1})
	strike("a service that does not answer", 5*time.Second, s.service.ClearFaults)

	released := make(chan error, 2)
	go func() {
		released <- s.database.TryAs(s.database.Admin, s.database.AdminPassword,
			"BEGIN", "LOCK TABLE orders IN ACCESS EXCLUSIVE MODE", "LOCK TABLE pg_authid IN ACCESS EXCLUSIVE MODE", "SELECT pg_sleep(8)", "COMMIT")
	}()
	go func() {
		released <- s.mariaDB.TryAs(s.mariaDB.Admin, s.mariaDB.AdminPassword, "FLUSH TABLES WITH READ LOCK", "SELECT SLEEP(8)", "UNLOCK TABLES")
	}()
	strike("locks that others hold", 4*time.Second, func() {
		require.NoError(t, <-released)
		require.NoError(t, <-released)
	})
	require.Positive(t, report.Cut)
	if os.Getenv(faultsVariable) != "" {
		require.NoError(t, reliability.Write(report))
	}
}
