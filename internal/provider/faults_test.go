// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/faults"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/protocol"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/reliability"
)

const (
	// faultsVariable asks for every fault on every resource, and says how often one with a random moment is tried: 'make test-faults' does. Without
	// it, each resource meets a few, drawn anew each time.
	faultsVariable, faultsSeedVariable = "TEST_FAULTS", "TEST_FAULTS_SEED"
	faultsInPassing                    = 2
	// faultyRequest is the provider's request_timeout, and faultyOperation what the timeouts block says, while something fails.
	faultyRequest, faultyOperation = "3s", "6s"
	// faultyEnd is when an operation must have ended: its time limit, and what it may take to undo or look for what it began.
	faultyEnd = 45 * time.Second
)

// goesThrough lives a life whose every operation meets the fault. What is there after it, and after one later apply, is what is there after a
// life without it.
func (l *life) goesThrough(t *testing.T, fault faults.Fault, random *rand.Rand, clean cleanLife) (outcomes []reliability.Outcome) {
	t.Helper()
	for _, step := range l.steps() {
		said := fmt.Sprintf("%s, %s: %s", l.kind.typeName, fault.Name, step.name)
		var plan protocol.Plan
		l.undisturbed(t, func(p *protocol.Provider) { plan = l.plan(t, p, step.config) })
		before := l.instance
		way, err := fault.Before(l.target(), random, clean.traffic[step.name])
		require.NoError(t, err)
		var errors []string
		begin := time.Now()
		l.inProcess(t, way, func(p *protocol.Provider) {
			if step.name == "read" {
				var read protocol.Instance
				read, errors = p.Read(t, l.instance)
				require.False(t, read.State.IsNull(), "%s: it is there", said)
				return
			}
			errors = l.apply(t, p, plan, step.config)
		})
		lasted := time.Since(begin)
		way.Close()
		outcomes = append(outcomes, reliability.Outcome{
			Type: l.kind.typeName, Fault: fault.Name, Operation: step.name, Error: firstLine(errors), Seconds: lasted.Seconds(),
		})
		require.Less(t, lasted, faultyEnd, said)
		require.False(t, way.Fooled(), "%s: the certificate was taken", said)
		require.False(t, l.box.Leaked(), "%s: credentials went to another host", said)
		if fault.MustFail {
			require.NotEmpty(t, errors, "%s: it can't have succeeded", said)
		}
		if len(errors) == 0 {
			require.Equal(t, clean.looks[step.name], l.kind.look(t, l), "%s succeeded", said)
		}
		if step.name == "create" && len(errors) == 0 {
			require.False(t, l.instance.State.IsNull(), said)
		}
		if step.config == nil && len(errors) > 0 {
			require.Equal(t, before.State.IsNull(), l.instance.State.IsNull(), "%s: what failed to end is still known", said)
		}
		l.converge(t, step.config)
		require.Equal(t, clean.looks[step.name], l.kind.look(t, l), "%s, then applied without the fault; it had said: %v", said, errors)
		l.requireDone(t, step.config)
	}
	return outcomes
}

// firstLine is the first line of the first error.
func firstLine(errors []string) string {
	line, _, _ := strings.Cut(strings.Join(errors, "\n"), "\n")
	return line
}

// Whatever fails between the provider and a server, in whatever operation of whatever resource: the operation ends, it says so or has done it, and one
// later apply reaches exactly what is wanted.
func TestFaultsLoseNothing(t *testing.T) {
	draws, err := strconv.Atoi(cmp.Or(os.Getenv(faultsVariable), "0"))
	require.NoError(t, err)
	isWhole := draws > 0
	seed := rand.Uint64()
	if text := os.Getenv(faultsSeedVariable); text != "" {
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
	}
	t.Logf("seed %d (%s)", seed, faultsSeedVariable)
	f := &field{
		database: acctest.NewDatabase(t, "faults"), mariaDB: acctest.NewMariaDB(t), redis: acctest.NewRedis(t, devstack.RedisOptions{}),
	}
	f.authority = f.redis.Authority
	var mu sync.Mutex
	report := reliability.Faults{Seed: seed}
	t.Run("all", func(t *testing.T) {
		number := 0
		for _, kind := range kindsOfLife() {
			clean := f.newLife(t, kind, fmt.Sprintf("faults_%d", number)).clean(t)
			number++
			for _, fault := range possible(kind, rand.New(rand.NewPCG(seed, uint64(number))), isWhole) {
				tries := 1
				if isWhole && fault.IsRandom {
					tries = draws
				}
				for try := range tries {
					name := fmt.Sprintf("faults_%d", number)
					random := rand.New(rand.NewPCG(seed, uint64(number)<<32))
					number++
					t.Run(fmt.Sprintf("%s/%s/%d", kind.typeName, fault.Name, try), func(t *testing.T) {
						t.Parallel()
						outcomes := f.newLife(t, kind, name).goesThrough(t, fault, random, clean)
						mu.Lock()
						defer mu.Unlock()
						report.Outcomes = append(report.Outcomes, outcomes...)
					})
				}
			}
		}
	})
	require.NotEmpty(t, report.Outcomes)
	if isWhole && !t.Failed() {
		require.NoError(t, reliability.Write(report))
	}
}

// possible gives the faults that a type can meet: all, or a few of them.
func possible(kind kindOfLife, random *rand.Rand, isWhole bool) []faults.Fault {
	all := slices.DeleteFunc(faults.All(), func(fault faults.Fault) bool { return fault.OnlyService && kind.protocol != faults.HTTPS })
	if isWhole {
		return all
	}
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:faultsInPassing]
}
