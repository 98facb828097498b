// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package journal_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/journal"
)

var errExists = errors.New("it is there already")

// server holds what is there, and counts how often it was dropped.
type server struct {
	there    bool
	dropped  int
	mayDrop  error
	failWith error
}

func (s *server) create() (string, error) {
	switch {
	case s.failWith != nil:
		return "", s.failWith
	case s.there:
		return "", errExists
	}
	s.there = true
	return "made", nil
}

func (s *server) drop() error {
	if s.mayDrop != nil {
		return s.mayDrop
	}
	s.there = false
	s.dropped++
	return nil
}

var (
	errMayBeLeft = errors.New("who knows")
	outcomes     = journal.Outcomes{Exists: errExists, MayBeLeft: errMayBeLeft}
)

// leaveBehind has a process that was killed leave a record in a folder.
func leaveBehind(t *testing.T, name string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	killed := journal.New(dir, quiet(t))
	killed.Begin(t.Context(), record(name))
	require.NoError(t, killed.Close(), "what is still being made stays")
	return dir
}

func TestMakeTakesOverNothingThatIsSomebodys(t *testing.T) {
	s := &server{there: true}
	j := journal.New(leaveBehind(t, "another"), quiet(t))
	made, entry, dropped, err := journal.Make(t.Context(), j, record("name"), outcomes, s.create, s.drop)
	require.ErrorIs(t, err, errExists)
	require.Empty(t, made)
	require.Nil(t, entry)
	require.False(t, dropped)
	require.Zero(t, s.dropped)
	require.NoError(t, j.Close())
	_, _, _, err = journal.Make(t.Context(), nil, record("name"), outcomes, s.create, s.drop)
	require.ErrorIs(t, err, errExists, "without a journal, too")
}

func TestMakeDropsWhatAKilledRunLeft(t *testing.T) {
	s := &server{there: true}
	dir := leaveBehind(t, "name")
	j := journal.New(dir, quiet(t))
	made, entry, dropped, err := journal.Make(t.Context(), j, record("name"), outcomes, s.create, s.drop)
	require.NoError(t, err)
	require.Equal(t, "made", made)
	require.True(t, dropped)
	require.Equal(t, 1, s.dropped)
	entry.HandOver()
	require.NoError(t, j.Close())
	require.Len(t, found(t, journal.New(dir, quiet(t)), "name"), 1, "one record is left, of what was made in its place")
}

func TestMakeKeepsTheRecordOfWhatCouldNotBeDropped(t *testing.T) {
	refused := errors.New("refused")
	s := &server{there: true, mayDrop: refused}
	dir := leaveBehind(t, "name")
	j := journal.New(dir, quiet(t))
	_, entry, dropped, err := journal.Make(t.Context(), j, record("name"), outcomes, s.create, s.drop)
	require.ErrorIs(t, err, refused)
	require.Nil(t, entry)
	require.False(t, dropped)
	require.Len(t, found(t, j, "name"), 1, "the next run tries again")
	require.NoError(t, j.Close())
}

func TestMakeSettlesWhatFailed(t *testing.T) {
	s := &server{failWith: errors.New("no")}
	dir := t.TempDir()
	j := journal.New(dir, quiet(t))
	_, entry, _, err := journal.Make(t.Context(), j, record("name"), outcomes, s.create, s.drop)
	require.ErrorIs(t, err, s.failWith)
	require.Nil(t, entry)
	require.NoError(t, j.Close())
	require.Empty(t, found(t, journal.New(dir, quiet(t)), "name"))
}

// The caller's time ended while the server made it: the next run drops what it finds.
func TestMakeKeepsTheRecordOfWhatMayBeLeft(t *testing.T) {
	s := &server{failWith: fmt.Errorf("%w: no answer", errMayBeLeft)}
	dir := t.TempDir()
	j := journal.New(dir, quiet(t))
	_, entry, _, err := journal.Make(t.Context(), j, record("name"), outcomes, s.create, s.drop)
	require.ErrorIs(t, err, errMayBeLeft)
	require.Nil(t, entry)
	require.NoError(t, j.Close())
	s.failWith, s.there = nil, true
	next := journal.New(dir, quiet(t))
	made, entry, dropped, err := journal.Make(t.Context(), next, record("name"), outcomes, s.create, s.drop)
	require.NoError(t, err)
	require.Equal(t, "made", made)
	require.True(t, dropped)
	entry.HandOver()
	require.NoError(t, next.Close())
}
