// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package journal_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/journal"
)

func TestAdoptTakesOverWhatAKilledRunMade(t *testing.T) {
	down := errors.New("down")
	self := func(id string) string { return id }
	for name, test := range map[string]struct {
		left            string // the name of a killed run's record
		isThere         bool   // what that run made
		lookErr         error
		want            string
		wantErr         error
		created, looked int
		leftAfter       int
	}{
		"nothing was begun":                {left: "another", want: "created", created: 1, leftAfter: 1},
		"it is there":                      {left: "name", isThere: true, want: "found", looked: 1},
		"nothing came of it":               {left: "name", want: "created", looked: 1, created: 1},
		"it can't be told what came of it": {left: "name", lookErr: down, wantErr: down, looked: 1, leftAfter: 1},
	} {
		t.Run(name, func(t *testing.T) {
			dir := leaveBehind(t, test.left)
			j := journal.New(dir, quiet(t))
			created, looked := 0, 0
			made, entry, err := journal.Adopt(t.Context(), j, record("name"), self,
				func(left journal.Record) (string, bool, error) {
					looked++
					require.Equal(t, "name", left.Name)
					return "found", test.isThere, test.lookErr
				},
				func() (string, error) { created++; return "created", nil })
			require.ErrorIs(t, err, test.wantErr)
			require.Equal(t, []int{test.created, test.looked}, []int{created, looked})
			if test.wantErr == nil {
				require.Equal(t, test.want, made)
				require.NotNil(t, entry)
				entry.HandOver()
			}
			isAny := func(journal.Record) bool { return true }
			left := record(test.left)
			require.Equal(t, test.leftAfter == 1, j.Left(t.Context(), left.Kind, left.Scope, left.Name, isAny))
			require.Equal(t, test.leftAfter == 1, j.Left(t.Context(), left.Kind, left.Scope, left.Name, isAny), "a look takes nothing away")
			require.NoError(t, j.Close())
		})
	}
	failed := func() (string, error) { return "", down }
	nothing := func(journal.Record) (string, bool, error) { return "", false, nil }
	_, entry, err := journal.Adopt(t.Context(), journal.New(t.TempDir(), quiet(t)), record("name"), self, nothing, failed)
	require.ErrorIs(t, err, down)
	require.Nil(t, entry)
}

func TestSinceAllowsForTheServicesClock(t *testing.T) {
	r := record("name")
	require.True(t, r.Since(r.Began.Add(-time.Minute)))
	require.True(t, r.Since(r.Began.Add(time.Hour)))
	require.False(t, r.Since(r.Began.Add(-time.Hour)))
}
