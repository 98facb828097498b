// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

const (
	editorFile   = "HYPERTERSE_TEST_EDITOR_FILE"
	editorPrefix = "HYPERTERSE_TEST_EDITOR_PREFIX"
	perEditor    = 15
	// holderFile is the path of a file whose lock a second process takes, and keeps until it is killed.
	holderFile = "HYPERTERSE_TEST_HOLDER_FILE"
)

// TestMain lets the test's own binary be a second process that edits a file.
func TestMain(m *testing.M) {
	if path := os.Getenv(editorFile); path != "" {
		if err := editMany(context.Background(), path, os.Getenv(editorPrefix)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if path := os.Getenv(holderFile); path != "" {
		held := flock.New(filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".lock"))
		if err := held.Lock(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println("held")
		select {}
	}
	os.Exit(m.Run())
}

// editMany makes adapters with variables in parallel, changes all, and deletes every third.
func editMany(ctx context.Context, path, prefix string) error {
	group, ctx := errgroup.WithContext(ctx)
	for i := range perEditor {
		group.Go(func() error {
			name := fmt.Sprintf("%s%d", prefix, i)
			adapter := hyperterse.Adapter{Name: name, Connector: "redis", ConnectionString: "{{ env." + name + " }}"}
			variable := hyperterse.Variable{File: filepath.Join(filepath.Dir(path), ".env"), Name: name, Value: secret.New(name)}
			if err := hyperterse.ConfigFile(path).Create(ctx, adapter, &variable); err != nil {
				return err
			}
			adapter.Connector = "mongodb"
			if err := hyperterse.ConfigFile(path).Update(ctx, name, adapter, nil); err != nil {
				return err
			}
			if i%3 != 0 {
				return nil
			}
			return errors.Join(hyperterse.ConfigFile(path).Delete(ctx, name), hyperterse.RemoveVariable(ctx, variable.File, name, nil))
		})
	}
	return group.Wait()
}

func TestParallelEditsOfTwoProcessesLoseNothing(t *testing.T) {
	const before = "name: api\nadapters:\n  theirs: {}\n"
	path := write(t, before)
	var group errgroup.Group
	for _, prefix := range []string{"a", "b"} {
		group.Go(func() error {
			command := exec.CommandContext(t.Context(), os.Args[0])
			command.Env = append(os.Environ(), editorFile+"="+path, editorPrefix+"="+prefix)
			output, err := command.CombinedOutput()
			if err != nil {
				return fmt.Errorf("%w: %s", err, output)
			}
			return nil
		})
	}
	group.Go(func() error { return editMany(t.Context(), path, "c") })
	require.NoError(t, group.Wait())
	dotenv := filepath.Join(filepath.Dir(path), ".env")
	for _, prefix := range []string{"a", "b", "c"} {
		for i := range perEditor {
			name := fmt.Sprintf("%s%d", prefix, i)
			has, err := hyperterse.HasVariable(dotenv, name)
			require.NoError(t, err)
			require.Equal(t, i%3 != 0, has, name)
			adapter, err := hyperterse.ConfigFile(path).Read(name)
			if i%3 == 0 {
				require.ErrorIs(t, err, hyperterse.ErrAdapterNotFound)
				continue
			}
			require.NoError(t, err)
			require.Equal(t, "mongodb", adapter.Connector)
			require.NoError(t, hyperterse.ConfigFile(path).Delete(t.Context(), name))
			require.NoError(t, hyperterse.RemoveVariable(t.Context(), dotenv, name, nil))
		}
	}
	require.Equal(t, before, read(t, path))
	require.Equal(t, []string{"config.terse"}, folder(t, path), "the .env file that was made is gone, and so are all locks")
}

func TestALockFileThatADeadProcessLeftIsTakenOver(t *testing.T) {
	path := write(t, "name: a\n")
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(path), ".config.terse.lock"), nil, 0o600))
	require.NoError(t, hyperterse.ConfigFile(path).Create(t.Context(), users, nil))
	require.Equal(t, []string{"config.terse"}, folder(t, path))
}

func TestTheLockOfAProcessThatIsKilledEndsWithIt(t *testing.T) {
	path := write(t, "name: a\n")
	holder := exec.CommandContext(t.Context(), os.Args[0])
	holder.Env = append(os.Environ(), holderFile+"="+path)
	output, err := holder.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, holder.Start())
	_, err = io.ReadFull(output, make([]byte, len("held\n")))
	require.NoError(t, err)

	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, hyperterse.ConfigFile(path).Create(ctx, users, nil), context.DeadlineExceeded, "it waits while the other one lives")
	require.Equal(t, "name: a\n", read(t, path))
	require.NoError(t, holder.Process.Kill())
	require.Error(t, holder.Wait())
	require.NoError(t, hyperterse.ConfigFile(path).Create(t.Context(), users, nil))
	require.Equal(t, []string{"config.terse"}, folder(t, path))
}

func TestAnInterruptEndsTheWaitAndChangesNothing(t *testing.T) {
	path := write(t, "name: a\n")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, hyperterse.ConfigFile(path).Create(ctx, users, nil), context.Canceled)
	require.Equal(t, "name: a\n", read(t, path))
}

func TestAFileThatIsMissingIsMadeAndRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new.terse")
	require.NoError(t, hyperterse.ConfigFile(path).Check())
	require.NoError(t, hyperterse.ConfigFile(path).Create(t.Context(), users, nil))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o644), info.Mode().Perm())
	second := users
	second.Name = "second"
	require.NoError(t, hyperterse.ConfigFile(path).Create(t.Context(), second, nil))
	require.NoError(t, hyperterse.ConfigFile(path).Delete(t.Context(), "users_db"))
	require.NoError(t, hyperterse.ConfigFile(path).Delete(t.Context(), "second"))
	require.Empty(t, folder(t, path))

	require.NoError(t, hyperterse.ConfigFile(path).Create(t.Context(), users, nil))
	require.NoError(t, os.WriteFile(path, []byte(read(t, path)+"name: mine\n"), 0o644))
	require.NoError(t, hyperterse.ConfigFile(path).Delete(t.Context(), "users_db"))
	require.Contains(t, read(t, path), "name: mine\n", "what others wrote into the file keeps it")

	missing := filepath.Join(t.TempDir(), "no", "such", "folder.terse")
	require.ErrorIs(t, hyperterse.ConfigFile(missing).Create(t.Context(), users, nil), fs.ErrNotExist)
	_, err = hyperterse.ConfigFile(missing).Read("users_db")
	require.ErrorIs(t, err, hyperterse.ErrAdapterNotFound)
	require.ErrorIs(t, hyperterse.ConfigFile(t.TempDir()).Check(), hyperterse.ErrInvalidFile, "a folder is no file")
}

func TestModeAndLinksStay(t *testing.T) {
	path := write(t, "name: a\n")
	require.NoError(t, os.Chmod(path, 0o664))
	link := filepath.Join(t.TempDir(), "link.terse")
	require.NoError(t, os.Symlink(path, link))
	require.NoError(t, hyperterse.ConfigFile(link).Create(t.Context(), users, nil))
	info, err := os.Lstat(link)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&fs.ModeSymlink)
	info, err = os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o664), info.Mode().Perm())
	require.Contains(t, read(t, path), "users_db:")

	dangling, target := filepath.Join(t.TempDir(), "link.terse"), filepath.Join(t.TempDir(), "target.terse")
	require.NoError(t, os.Symlink(target, dangling))
	require.NoError(t, hyperterse.ConfigFile(dangling).Create(t.Context(), users, nil))
	require.Contains(t, read(t, target), "users_db:")

	loop := filepath.Join(t.TempDir(), "loop")
	require.NoError(t, os.Symlink(loop, loop))
	require.ErrorContains(t, hyperterse.ConfigFile(loop).Create(t.Context(), users, nil), "too many symbolic links")
}

func TestTheVariableIsThereBeforeTheAdapterAndGoesBackOnFailure(t *testing.T) {
	path := write(t, "name: a\n")
	dotenv := filepath.Join(filepath.Dir(path), ".env")
	variable := &hyperterse.Variable{File: dotenv, Name: "DATABASE_URL", Value: secret.New("s3cret")}

	// The adapter can't be added: the variable is not set.
	taken := write(t, "adapters:\n  users_db: {}\n")
	require.ErrorIs(t, hyperterse.ConfigFile(taken).Create(t.Context(), users, variable), hyperterse.ErrAdapterExists)
	require.NoFileExists(t, dotenv)

	// The variable can't be set: the adapter is not added.
	require.NoError(t, os.WriteFile(dotenv, []byte("A='open\n"), 0o600))
	err := hyperterse.ConfigFile(path).Create(t.Context(), users, variable)
	require.ErrorIs(t, err, hyperterse.ErrInvalidFile)
	require.ErrorContains(t, err, dotenv+": the file is not valid: line 1")
	require.Equal(t, "name: a\n", read(t, path))
	require.Equal(t, "A='open\n", read(t, dotenv))

	// The file can't be replaced: the variable gets its old value back.
	require.NoError(t, os.WriteFile(dotenv, []byte("DATABASE_URL=old # keep\n"), 0o600))
	variable.Value = secret.New("new")
	watched := &watchedContext{Context: t.Context(), dotenv: dotenv, until: "'new'"}
	require.ErrorIs(t, hyperterse.ConfigFile(path).Create(watched, users, variable), context.Canceled)
	require.True(t, watched.seen, "the variable was set before the adapter was added")
	require.Equal(t, "name: a\n", read(t, path))
	require.Equal(t, "DATABASE_URL='old' # keep\n", read(t, dotenv))
}

// watchedContext is interrupted as soon as a .env file holds a text.
type watchedContext struct {
	context.Context
	dotenv, until string
	seen          bool
}

func (c *watchedContext) Err() error {
	text, err := os.ReadFile(c.dotenv)
	if err == nil && strings.Contains(string(text), c.until) {
		c.seen = true
		return context.Canceled
	}
	return c.Context.Err()
}

// A file that goes while it is read, as another adapter's variable does in the same apply, is one that is not there.
func TestFileThatGoesWhileItIsReadIsNotThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".env")
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for range 3000 {
			_ = os.WriteFile(path, []byte("A=1\n"), 0o600)
			_ = os.Remove(path)
		}
	}()
	for isOver := false; !isOver; {
		select {
		case <-ended:
			isOver = true
		default:
		}
		_, err := hyperterse.HasVariable(path, "A")
		require.NoError(t, err)
	}
}
