// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package journal_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/journal"
)

var errLost = errors.New("the answer was lost")

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
				func() (string, error) { created++; return "created", nil }, errLost)
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
}

func TestAdoptLeavesWhatMayHaveBeenMadeToTheNextRun(t *testing.T) {
	nothing := func(journal.Record) (string, bool, error) { return "", false, nil }
	for err, stays := range map[error]bool{errors.New("refused"): false, errLost: true} {
		dir := t.TempDir()
		j := journal.New(dir, quiet(t))
		_, entry, failed := journal.Adopt(t.Context(), j, record("name"), func(id string) string { return id }, nothing,
			func() (string, error) { return "", fmt.Errorf("create: %w", err) }, errLost)
		require.ErrorIs(t, failed, err)
		require.Nil(t, entry)
		require.NoError(t, j.Close())
		next := journal.New(dir, quiet(t))
		left := record("name")
		require.Equal(t, stays, next.Left(t.Context(), left.Kind, left.Scope, left.Name, func(journal.Record) bool { return true }))
		require.NoError(t, next.Close())
	}
}

func TestSinceAllowsForTheServicesClock(t *testing.T) {
	r := record("name")
	require.True(t, r.Since(r.Began.Add(-time.Minute)))
	require.True(t, r.Since(r.Began.Add(time.Hour)))
	require.False(t, r.Since(r.Began.Add(-time.Hour)))
}
