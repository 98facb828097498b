// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/provider"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/protocol"
)

// on serves the provider with a clock that is off.
func on(t *testing.T, e *acctest.Emulator, clock *acctest.Clock, off time.Duration) *protocol.Provider {
	t.Helper()
	return protocol.New(t, provider.New("test", provider.WithClock(func() time.Time { return clock.Now().Add(off) }))(), object{
		"endpoint": e.URL(), "access_token": e.Token.Reveal(), "organization_id": emulator.DefaultOrganizationID, "max_retries": 0,
	})
}

// Machines whose clocks are an hour off, either way, work on one state in turns: a key rotates once when it is due, the one before it lives through
// its overlap, and what expires does so at its time, give or take the hour.
func TestClocksThatAreAnHourOffRotateOnceAndRevokeNothingEarly(t *testing.T) {
	clock := acctest.NewClock(time.Now())
	e := acctest.NewEmulator(t, acctest.OnClock(clock))
	require.NoError(t, e.SetAllowlist(emulator.DefaultOrganizationID, true, runner))
	offs := []time.Duration{-time.Hour, 0, time.Hour}
	const typeName, entryType = "terrascale_api_key", "terrascale_ip_allowlist_entry"
	config := object{"name": "clocks", "scopes": []any{"database:read"}, "expires_in": "60d", "rotation": object{"every": "30d", "overlap": "6h"}}
	// step refreshes and plans on a machine, and applies what is planned. It says whether anything was.
	step := func(off time.Duration, instance *protocol.Instance, config object) (changed bool) {
		t.Helper()
		p := on(t, e, clock, off)
		read, errors := p.Read(t, *instance)
		require.Empty(t, errors)
		value := protocol.Value(p.Type(instance.TypeName), config)
		plan := p.Plan(t, read, value)
		require.Empty(t, plan.Errors)
		if changed = len(protocol.Inconsistent(read.State, plan.Planned)) > 0 || !plan.Planned.IsFullyKnown(); changed {
			read, errors = p.Apply(t, read, plan, value)
			require.Empty(t, errors)
		}
		*instance = read
		return changed
	}
	for _, maker := range offs {
		before := len(e.APIKeys(emulator.DefaultOrganizationID))
		key := on(t, e, clock, maker).Create(t, typeName, config)
		ends := clock.Now().Add(6 * time.Hour)
		entryConfig := object{"cidr": "203.0.113.0/24", "expires_at": ends.UTC().Format(time.RFC3339)}
		entry := on(t, e, clock, maker).Create(t, entryType, entryConfig)
		for _, off := range offs {
			require.False(t, step(off, &key, config), "made at %s, seen at %s", maker, off)
			require.False(t, step(off, &entry, entryConfig), "made at %s, seen at %s", maker, off)
		}
		clock.Advance(30*24*time.Hour - 3*time.Hour)
		for _, off := range offs {
			require.False(t, step(off, &key, config), "made at %s, not due at %s", maker, off)
		}
		require.Len(t, e.LiveKeys(clock.Now()), 1)
		require.True(t, step(0, &entry, entryConfig), "it has ended")
		require.NotContains(t, e.Networks(), "203.0.113.0/24")

		clock.Advance(3*time.Hour + time.Minute)
		for range 3 * len(offs) { // One that is not due to the one may be to the next.
			for _, off := range offs {
				step(off, &key, config)
			}
		}
		require.Len(t, e.APIKeys(emulator.DefaultOrganizationID), before+2, "made at %s: one rotation", maker)
		require.Len(t, e.LiveKeys(clock.Now()), 2, "made at %s: the key before lives", maker)
		clock.Advance(3 * time.Hour)
		for _, off := range offs {
			require.False(t, step(off, &key, config), "within the overlap at %s", off)
		}
		require.Len(t, e.LiveKeys(clock.Now()), 2)
		clock.Advance(5 * time.Hour)
		for _, off := range offs {
			step(off, &key, config)
		}
		require.Len(t, e.LiveKeys(clock.Now()), 1)
		p := on(t, e, clock, 0)
		require.Empty(t, p.Destroy(t, key))
		require.Empty(t, p.Destroy(t, entry))
		require.Empty(t, e.LiveKeys(clock.Now()))
	}
}

// A key whose answer was lost is revoked, and nobody's of the same name, also where the clock is an hour off.
func TestALostKeyIsToldFromOthersByAClockThatIsOff(t *testing.T) {
	for _, off := range []time.Duration{-time.Hour, time.Hour} {
		clock := acctest.NewClock(time.Now())
		e := acctest.NewEmulator(t, acctest.OnClock(clock))
		other, _, err := e.CreateKey(emulator.DefaultOrganizationID, "lost", []string{"database:read"}, nil)
		require.NoError(t, err)
		clock.Advance(10 * time.Minute)
		p := on(t, e, clock, off)
		e.Inject(emulator.Fault{Operation: "createApiKey", DropAfter: true})
		config := protocol.Value(p.Type("terrascale_api_key"), object{"name": "lost", "scopes": []any{"database:read"}, "expires_in": "60d"})
		plan := p.Plan(t, p.None("terrascale_api_key"), config)
		require.Empty(t, plan.Errors)
		made, errors := p.Apply(t, p.None("terrascale_api_key"), plan, config)
		live := e.LiveKeys(clock.Now())
		require.Contains(t, live, other.ID, "off by %s", off)
		if len(errors) == 0 {
			require.ElementsMatch(t, []string{other.ID, protocol.Text(t, made.State, "key_id")}, live, "off by %s", off)
		} else {
			require.Equal(t, []string{other.ID}, live, "off by %s: %v", off, errors)
		}
	}
}
