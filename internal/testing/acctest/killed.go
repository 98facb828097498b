// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"os"
	"path/filepath"
	"time"
)

// Provisioner is a block for a resource, by which ApplyAndLose knows that the resource is made; it holds the apply for the provider to
// be killed, and fails it.
const Provisioner = `
provisioner "local-exec" {
  command = "touch made; sleep 1; exit 1"
}
`

// ApplyAndLose applies, kills the provider once a resource with the Provisioner is made, and loses the state: what a run leaves that is
// killed after it made something and before that was saved.
func (w *Workspace) ApplyAndLose() {
	w.t.Helper()
	if !w.ApplyAndKill(w.appears("made")) {
		w.t.Fatal("the apply ended before the provider was killed")
	}
	for _, name := range []string{"made", "terraform.tfstate"} {
		if err := os.Remove(filepath.Join(w.Dir, name)); err != nil {
			w.t.Fatal(err)
		}
	}
}

// ApplyAndLoseAgain is ApplyAndLose with another configuration.
func (w *Workspace) ApplyAndLoseAgain(configuration string) {
	w.t.Helper()
	w.Configure(configuration)
	w.ApplyAndLose()
}

// appears gives a channel that is closed once a file is in the folder.
func (w *Workspace) appears(name string) <-chan struct{} {
	reached := make(chan struct{})
	go func() {
		ticker := time.NewTicker(10 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				if _, err := os.Stat(filepath.Join(w.Dir, name)); err == nil {
					close(reached)
					return
				}
			case <-w.t.Context().Done():
				return
			}
		}
	}()
	return reached
}
