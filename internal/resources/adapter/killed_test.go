// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package adapter_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// TestAccAdapterOfAKilledRunIsTakenOver applies in a folder where an earlier run was killed before its state was saved. The password
// of that run is gone with it.
func TestAccAdapterOfAKilledRunIsTakenOver(t *testing.T) {
	apply := []string{"apply", "-auto-approve", "-no-color", "-input=false"}
	body := func(options, value string) string {
		return minimal + options + "\n" + `dotenv = { file = ".env", variable = "DATABASE_URL", value_wo = "` + value + `", value_wo_version = 1 }`
	}
	for name, test := range map[string]struct {
		// changed is done to the files after the kill; refused is what a later apply has to say, if anything.
		changed func(f files)
		refused string
	}{
		"nothing else happened":         {changed: func(files) {}},
		"only the variable was written": {changed: func(f files) { f.write(f.terse, theirs) }},
		"neither was written": {changed: func(f files) {
			f.write(f.terse, theirs)
			require.NoError(t, os.Remove(f.dotenv))
		}},
		"somebody changed the variable": {
			changed: func(f files) { f.write(f.dotenv, "DATABASE_URL=theirs\n") },
			refused: `sets DATABASE_URL already, to another value than value_wo`,
		},
		"somebody changed the adapter": {
			changed: func(f files) { f.replace("'5'", "'6'")() },
			refused: `sets DATABASE_URL already, to another value than value_wo`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := files{t: t, terse: "config.terse", dotenv: ".env"}
			w := acctest.NewWorkspace(t, f.hcl(body(`options = { connect_timeout = "5" }`, "of the killed run")+acctest.Provisioner))
			f = files{t: t, terse: filepath.Join(w.Dir, "config.terse"), dotenv: filepath.Join(w.Dir, ".env")}
			f.write(f.terse, theirs)
			w.ApplyAndLose()
			test.changed(f)

			w.Configure(files{t: t, terse: "config.terse"}.hcl(body(`options = { connect_timeout = "7" }`, "of the next run")))
			result, err := w.Run(t.Context(), apply...)
			require.NoError(t, err)
			if test.refused != "" {
				require.NotZero(t, result.ExitCode)
				require.Regexp(t, words(test.refused), result.Output)
				return
			}
			require.Zero(t, result.ExitCode, result.Output)
			require.Contains(t, f.read(f.terse), "connect_timeout: '7'")
			require.NoError(t, f.holds(map[string]string{"DATABASE_URL": "of the next run"})(nil))
			require.Contains(t, w.Must("plan", "-no-color", "-input=false"), "No changes.")
			left, err := filepath.Glob(filepath.Join(w.Dir, ".terraform", "terrascale", "*", "*.jsonl"))
			require.NoError(t, err)
			require.Empty(t, left, "nothing is left over of the killed run")
		})
	}
}

// TestAccAdapterWhoseDestroyIsKilledLeavesNoVariable kills a destroy that waits for .env. Once the adapter is gone, no state knows the variable.
func TestAccAdapterWhoseDestroyIsKilledLeavesNoVariable(t *testing.T) {
	body := minimal + `dotenv = { file = ".env", variable = "DATABASE_URL", value_wo = "s3cret", value_wo_version = 1 }`
	w := acctest.NewWorkspace(t, files{t: t, terse: "config.terse"}.hcl(body))
	f := files{t: t, terse: filepath.Join(w.Dir, "config.terse"), dotenv: filepath.Join(w.Dir, ".env")}
	f.write(f.terse, theirs)
	w.Must("apply", "-auto-approve", "-no-color", "-input=false")
	held := flock.New(filepath.Join(w.Dir, "..env.lock"))
	require.NoError(t, held.Lock())
	_, code := w.RunAndKillAfter(2*time.Second, false, time.Minute, "destroy", "-auto-approve", "-no-color", "-input=false")
	require.NotZero(t, code, "it was killed")
	require.NoError(t, held.Unlock())
	w.Must("destroy", "-auto-approve", "-no-color", "-input=false")
	require.Equal(t, theirs, f.read(f.terse))
	require.NoFileExists(t, f.dotenv)
}
