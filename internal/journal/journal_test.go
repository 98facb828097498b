// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package journal_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/journal"
)

// warnings collects what a journal logs.
type warnings struct {
	mu   sync.Mutex
	said []string
}

func (w *warnings) log(_ context.Context, message string, _ ...map[string]any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, message)
}

func quiet(t *testing.T) journal.Log {
	return func(_ context.Context, message string, fields ...map[string]any) { t.Error(message, fields) }
}

func record(name string) journal.Record {
	return journal.Record{
		Kind: journal.APIKey, Scope: "https://api.example org_1", Name: name,
		Began: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC), Details: json.RawMessage(`{"scopes":["*"]}`),
	}
}

// found gives the leftovers of a name, and keeps them.
func found(t *testing.T, j *journal.Journal, name string) []journal.Record {
	t.Helper()
	var records []journal.Record
	require.NoError(t, j.Resolve(t.Context(), journal.APIKey, record(name).Scope, name, func(r journal.Record) bool {
		records = append(records, r)
		return false
	}))
	return records
}

// files lists what is in a folder.
func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, entry := range entries {
		names = append(names, filepath.Ext(entry.Name()))
	}
	return names
}

func TestWhatADeadProcessBeganIsLeftOver(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "[b]")
	dieIn(t, dir, "begin", "named a", "made key_1", "begin", "named b", "begin", "named settled", "settle", "begin", "named torn", "tear")

	j := journal.New(dir, quiet(t))
	made := record("named a")
	made.ID = "key_1"
	require.Equal(t, []journal.Record{made}, found(t, j, "named a"))
	require.Equal(t, []journal.Record{record("named b")}, found(t, j, "named b"))
	require.Empty(t, found(t, j, "named settled"))
	require.Empty(t, found(t, j, "named"), "the name is compared whole")

	// What is resolved is forgotten, the rest stays, and the file goes with the last record.
	for _, name := range []string{"named a", "named torn"} {
		require.NoError(t, j.Resolve(t.Context(), journal.APIKey, made.Scope, name, func(journal.Record) bool { return true }))
		require.Empty(t, found(t, j, name))
	}
	require.Len(t, found(t, j, "named b"), 1)
	require.Len(t, files(t, dir), 3)
	require.NoError(t, j.Resolve(t.Context(), journal.APIKey, made.Scope, "named b", func(journal.Record) bool { return true }))
	require.Equal(t, []string{""}, files(t, dir), "the folder's own lock stays")
}

func TestLeftoversAreToldApart(t *testing.T) {
	dir := t.TempDir()
	dieIn(t, dir, "begin", "a")
	j := journal.New(dir, quiet(t))
	never := func(journal.Record) bool { t.Error("another's"); return true }
	require.NoError(t, j.Resolve(t.Context(), journal.PostgreSQLRole, record("a").Scope, "a", never))
	require.NoError(t, j.Resolve(t.Context(), journal.APIKey, "https://api.example org_2", "a", never))
	require.Len(t, found(t, j, "a"), 1)
}

func TestWhatIsSavedIsNotLeftOver(t *testing.T) {
	dir := t.TempDir()
	dieIn(t, dir, "begin", "a", "made key_1", "begin", "b")
	j := journal.New(dir, quiet(t))
	j.Forget(journal.APIKey, record("a").Scope, "key_2")
	j.Forget(journal.APIKey, record("a").Scope, "")
	require.Len(t, found(t, j, "a"), 1)
	j.Forget(journal.APIKey, record("a").Scope, "key_1")
	require.Empty(t, found(t, j, "a"))
	require.Len(t, found(t, j, "b"), 1)
}

func TestLivingProcessIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	process := start(t, dir, "begin", "a", "made key_1")
	j := journal.New(dir, quiet(t))
	require.Empty(t, found(t, j, "a"))
	own := j.Begin(t.Context(), record("own"))
	require.Empty(t, found(t, j, "own"))
	j.Forget(journal.APIKey, record("a").Scope, "key_1")
	own.HandOver()
	require.NoError(t, j.Close())

	process.kill()
	require.Len(t, found(t, journal.New(dir, quiet(t)), "a"), 1)
}

func TestLeftoversAreResolvedByOneAtATime(t *testing.T) {
	dir := t.TempDir()
	dieIn(t, dir, "begin", "a")
	entered, leave := make(chan struct{}), make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		err := journal.New(dir, quiet(t)).Resolve(context.Background(), journal.APIKey, record("a").Scope, "a", func(journal.Record) bool {
			close(entered)
			<-leave
			return true
		})
		assert.NoError(t, err)
	})
	<-entered
	j := journal.New(dir, quiet(t))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	never := func(journal.Record) bool { t.Error("somebody else is at it"); return false }
	require.ErrorIs(t, j.Resolve(ctx, journal.APIKey, record("a").Scope, "a", never), context.DeadlineExceeded)
	close(leave)
	require.NoError(t, j.Resolve(t.Context(), journal.APIKey, record("a").Scope, "a", never))
	group.Wait()
}

func TestOrderlyEnd(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(*journal.Entry)
		left int
	}{
		"settled":       {func(e *journal.Entry) { e.Settle(t.Context()) }, 0},
		"handed over":   {func(e *journal.Entry) { e.Made(t.Context(), "key_1"); e.HandOver() }, 1},
		"in the middle": {func(e *journal.Entry) { e.Made(t.Context(), "key_1") }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			j := journal.New(dir, quiet(t))
			entry := j.Begin(t.Context(), record("a"))
			test.end(entry)
			require.NoError(t, j.Close())
			require.Len(t, found(t, journal.New(dir, quiet(t)), "a"), test.left)
			require.Nil(t, j.Begin(t.Context(), record("b")), "it has ended")
			entry.Settle(t.Context())
			require.NoError(t, j.Close())
		})
	}
}

// What a process handed over before it ended is left over until a run finds it in the state.
func TestWhatWasHandedOverIsForgottenOnceItIsSaved(t *testing.T) {
	dir := t.TempDir()
	made := journal.New(dir, quiet(t))
	for _, name := range []string{"a", "b"} {
		entry := made.Begin(t.Context(), record(name))
		entry.Made(t.Context(), "key_"+name)
		entry.HandOver()
	}
	require.NoError(t, made.Close())
	for _, name := range []string{"a", "b"} {
		j := journal.New(dir, quiet(t))
		require.Len(t, found(t, j, name), 1)
		j.Forget(journal.APIKey, record(name).Scope, "key_"+name)
		require.Empty(t, found(t, j, name))
		require.NoError(t, j.Close())
		require.Empty(t, found(t, journal.New(dir, quiet(t)), name))
	}
	require.Equal(t, []string{""}, files(t, dir), "the folder's own lock stays")
}

// Where no run looks at it, it is left over for a while only.
func TestWhatWasHandedOverLongAgoIsNotLeftOver(t *testing.T) {
	dir := t.TempDir()
	j := journal.New(dir, quiet(t))
	j.Begin(t.Context(), record("a")).HandOver()
	require.NoError(t, j.Close())
	records, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	require.NoError(t, err)
	content, err := os.ReadFile(records[0])
	require.NoError(t, err)
	require.Len(t, found(t, journal.New(dir, quiet(t)), "a"), 1)
	ended := regexp.MustCompile(`"ended":"[^"]+"`)
	require.Len(t, ended.FindAll(content, -1), 1)
	longAgo := time.Now().Add(-journal.KeptFor - time.Minute).Format(time.RFC3339)
	content = ended.ReplaceAll(content, []byte(`"ended":"`+longAgo+`"`))
	require.NoError(t, os.WriteFile(records[0], content, 0o600))
	require.Empty(t, found(t, journal.New(dir, quiet(t)), "a"))
	require.Equal(t, []string{""}, files(t, dir))
}

func TestDamagedFile(t *testing.T) {
	dir := t.TempDir()
	dieIn(t, dir, "begin", "a", "made key_1")
	records, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	require.NoError(t, err)
	content, err := os.ReadFile(records[0])
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(records[0], append([]byte("\x00\xffnot JSON\n[]\n"), content...), 0o600))
	var w warnings
	require.Len(t, found(t, journal.New(dir, w.log), "a"), 1, "what is legible is used")
	require.Equal(t, []string{"A killed run's journal has lines that are not understood and are left out"}, w.said)

	require.NoError(t, os.Remove(records[0]))
	require.NoError(t, os.Mkdir(records[0], 0o700))
	w.said = nil
	require.Empty(t, found(t, journal.New(dir, w.log), "a"))
	require.Equal(t, []string{"What a killed run left can't be looked at"}, w.said)
}

// TestFolderThatCannotBeWritten has a file where the folder would be: root, too, can make nothing there.
func TestFolderThatCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	var w warnings
	j := journal.New(filepath.Join(file, "terrascale"), w.log)
	for range 2 {
		entry := j.Begin(t.Context(), record("a"))
		require.Nil(t, entry)
		entry.Made(t.Context(), "key_1")
		entry.Settle(t.Context())
		entry.HandOver()
	}
	require.Len(t, w.said, 1, "it says once that it is off")
	require.Contains(t, w.said[0], "The journal is off")
	require.Empty(t, found(t, j, "a"))
	require.NoError(t, j.Close())
}

func TestNoJournal(t *testing.T) {
	j := journal.New("", quiet(t))
	require.Nil(t, j)
	require.Nil(t, j.Begin(t.Context(), record("a")))
	require.Empty(t, found(t, j, "a"))
	j.Forget(journal.APIKey, "", "key_1")
	require.NoError(t, j.Close())
}

func TestFilesAreTheUsersOwn(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "terrascale")
	j := journal.New(dir, quiet(t))
	require.NotNil(t, j.Begin(t.Context(), record("a")))
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := entry.Info()
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077, path)
		return nil
	}))
}

func TestEachStateHasAPlaceOfItsOwn(t *testing.T) {
	data := t.TempDir()
	plain := journal.Place(data, "")
	require.True(t, strings.HasPrefix(plain, filepath.Join(data, "terrascale")+string(filepath.Separator)))
	require.Equal(t, plain, journal.Place(data, "default"))
	require.Equal(t, filepath.Join(".terraform", "terrascale"), filepath.Dir(journal.Place("", "")))

	staging := journal.Place(data, "staging")
	require.NotEqual(t, plain, staging)
	require.NoError(t, os.WriteFile(filepath.Join(data, "environment"), []byte("staging\n"), 0o600))
	require.Equal(t, staging, journal.Place(data, ""))
	require.Equal(t, plain, journal.Place(data, "default"), "the variable goes first")

	places := map[string]bool{plain: true}
	for _, state := range []string{`{"serial":1,"backend":{"type":"s3","hash":1}}`, `{"serial":1,"backend":{"type":"s3","hash":2}}`} {
		require.NoError(t, os.WriteFile(filepath.Join(data, "terraform.tfstate"), []byte(state), 0o600))
		places[journal.Place(data, "default")] = true
	}
	require.Len(t, places, 3)
	last := journal.Place(data, "default")
	again := `{"serial":7,"backend":{"type":"s3","hash":2}}`
	require.NoError(t, os.WriteFile(filepath.Join(data, "terraform.tfstate"), []byte(again), 0o600))
	require.Equal(t, last, journal.Place(data, "default"))
}

// What waits for the folder's lock must not hold what its holder needs: runs that made several things after a killed one hung.
func TestBeginAndResolveDoNotWaitForEachOther(t *testing.T) {
	for range 12 {
		dir := t.TempDir()
		dieIn(t, dir, "begin", "named a")
		folder := flock.New(filepath.Join(dir, "mutex"))
		require.NoError(t, folder.Lock())
		j := journal.New(dir, quiet(t))
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()

		var both sync.WaitGroup
		both.Go(func() {
			assert.NoError(t, j.Resolve(ctx, journal.APIKey, record("a").Scope, "a", func(journal.Record) bool { return false }))
		})
		<-time.After(30 * time.Millisecond) // Resolve waits for the folder by then.
		both.Go(func() {
			assert.NotNil(t, j.Begin(ctx, record("b")), "nothing was recorded")
		})
		<-time.After(30 * time.Millisecond)
		require.NoError(t, folder.Close())
		both.Wait()
		require.NoError(t, j.Close())
		if t.Failed() {
			return
		}
	}
}
