// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// disk is a small file system of a test's own.
type disk struct{ folder string }

func newDisk(t *testing.T) *disk {
	t.Helper()
	d := &disk{t.TempDir()}
	output, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", d.folder).CombinedOutput()
	if err != nil {
		t.Skipf("a full disk and a read-only one are tried with the right to mount a file system, which is missing here: %s: %s", err, output)
	}
	t.Cleanup(func() {
		output, err := exec.Command("umount", "-l", d.folder).CombinedOutput()
		require.NoError(t, err, string(output))
	})
	return d
}

// fill writes until nothing more fits.
func (d *disk) fill(t *testing.T) {
	t.Helper()
	file, err := os.Create(filepath.Join(d.folder, "filler"))
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	for block := make([]byte, 4096); err == nil; {
		_, err = file.Write(block)
	}
}

func (d *disk) empty(t *testing.T) {
	t.Helper()
	require.NoError(t, os.Remove(filepath.Join(d.folder, "filler")))
}

// remount makes it "ro", or "rw".
func (d *disk) remount(t *testing.T, mode string) {
	t.Helper()
	output, err := exec.Command("mount", "-o", "remount,"+mode, d.folder).CombinedOutput()
	require.NoError(t, err, string(output))
}

// files are the names of all that is on it, but for what fills it.
func (d *disk) files(t *testing.T) (names []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(d.folder, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && entry.Name() != "filler" {
			names = append(names, strings.TrimPrefix(path, d.folder+"/"))
		}
		return err
	}))
	slices.Sort(names)
	return names
}

// The files of a gateway are on a disk that is full, or that nobody may write to: the apply says so, the files stay as they are, byte for byte, and
// nothing is left beside them. With room, one more apply reaches what is wanted.
func TestAFullOrReadOnlyDiskLosesNothing(t *testing.T) {
	d := newDisk(t)
	w := acctest.NewWorkspace(t, strings.ReplaceAll(`
variable "turn" { type = number }
resource "terrascale_adapter" "this" {
  config_file       = "DISK/config.terse"
  name              = "orders"
  connector         = "postgres"
  connection_string = "{{ env.ORDERS }}"
  options           = { application_name = "turn-${var.turn}" }
  dotenv = {
    file             = "DISK/.env"
    variable         = "ORDERS"
    value_wo         = "postgresql://localhost/turn_${var.turn}"
    value_wo_version = var.turn
  }
}
`, "DISK", d.folder))
	file, variables := filepath.Join(d.folder, "config.terse"), filepath.Join(d.folder, ".env")
	const large = 60_000 // More than fits where the disk counts as full.
	hand := "# by hand: " + strings.Repeat("x", large) + "\n"
	require.NoError(t, os.WriteFile(file, []byte(hand+"adapters: {}\n"), 0o600))
	require.NoError(t, os.WriteFile(variables, []byte(hand), 0o600))
	w.Must(quietly("apply", "-auto-approve", "-var=turn=1")...)
	content := func() string {
		one, err := os.ReadFile(file)
		require.NoError(t, err)
		two, err := os.ReadFile(variables)
		require.NoError(t, err)
		return string(one) + string(two)
	}
	for turn, trouble := range map[string]struct {
		begin, end func()
		words      string
	}{
		"2": {func() { d.fill(t) }, func() { d.empty(t) }, "no space left on device"},
		"3": {func() { d.remount(t, "ro") }, func() { d.remount(t, "rw") }, "read-only file system"},
	} {
		before, names := content(), d.files(t)
		trouble.begin()
		said, code := w.RunWithin(noHang, quietly("apply", "-auto-approve", "-var=turn="+turn)...)
		require.Equal(t, 1, code, said)
		require.Contains(t, acctest.Plain(said), trouble.words)
		require.Equal(t, before, content())
		trouble.end()
		require.Equal(t, names, d.files(t), said)
		w.Must(quietly("apply", "-auto-approve", "-var=turn="+turn)...)
		w.Must(quietly("plan", "-detailed-exitcode", "-var=turn="+turn)...)
		require.Contains(t, content(), "turn-"+turn)
		require.Contains(t, content(), "turn_"+turn)
		require.Equal(t, 2, strings.Count(content(), hand))
		require.Equal(t, names, d.files(t))
	}
	w.Must(quietly("destroy", "-auto-approve", "-var=turn=1")...)
	require.NotContains(t, content(), "ORDERS")
}

// The journal, or the state, is on a disk that is full, or that nobody may write to. Without a journal, the apply goes on; without a state, the CLI
// refuses to begin, or what it has made is found by the next apply.
func TestAFullDiskUnderTheJournalOrTheState(t *testing.T) {
	s := newShared(t, "disk")
	const keys = `
resource "terrascale_api_key" "this" {
  count      = 2
  name       = "disk-${count.index}"
  scopes     = ["database:read"]
  expires_in = "80d"
}
resource "terrascale_redis_readonly_user" "this" {
  count        = 2
  server       = "main"
  name         = "disk_${count.index}"
  key_patterns = ["app:*"]
}
`
	nothing := s.counts(t)
	for name, trouble := range map[string]func(d *disk) (end func()){
		"full":      func(d *disk) func() { d.fill(t); return func() { d.empty(t) } },
		"read-only": func(d *disk) func() { d.remount(t, "ro"); return func() { d.remount(t, "rw") } },
	} {
		t.Run("journal, "+name, func(t *testing.T) {
			d := newDisk(t)
			w := s.workspace(t, keys)
			w.Environment = append(w.Environment, "TF_DATA_DIR="+d.folder)
			end := trouble(d)
			said, code := w.RunWithin(noHang, quietly("apply", "-auto-approve")...)
			end()
			require.Zero(t, code, said)
			w.Must(quietly("plan", "-detailed-exitcode")...)
			w.Must(quietly("destroy", "-auto-approve")...)
			require.Equal(t, nothing, s.counts(t))
		})
		t.Run("state, "+name, func(t *testing.T) {
			d := newDisk(t)
			w := s.workspace(t, keys)
			w.Environment = append(w.Environment, "TF_DATA_DIR="+t.TempDir())
			state := "-state=" + filepath.Join(d.folder, "terraform.tfstate")
			end := trouble(d)
			said, code := w.RunWithin(noHang, quietly("apply", "-auto-approve", state)...)
			require.Equal(t, 1, code, said)
			require.Equal(t, nothing, s.counts(t), "the CLI can't lock the state")
			said, code = w.RunWithin(noHang, quietly("apply", "-auto-approve", state, "-lock=false")...)
			t.Logf("without a lock: exit code %d", code) // OpenTofu does not always say that it has not written the state.
			end()
			_ = os.Remove(filepath.Join(w.Dir, "errored.tfstate")) // Whoever has it pushes it; here, it is lost.
			_ = os.Remove(filepath.Join(d.folder, "terraform.tfstate"))
			w.Must(quietly("apply", "-auto-approve", state)...)
			w.Must(quietly("plan", "-detailed-exitcode", state)...)
			require.Len(t, s.service.LiveKeys(time.Now()), 2, said)
			w.Must(quietly("destroy", "-auto-approve", state)...)
			require.Equal(t, nothing, s.counts(t))
		})
	}
}
