// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"net"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// EmulatorProcess is an emulator in a process of its own, which keeps its state in a file: it can be killed.
type EmulatorProcess struct {
	Token secret.String

	address, binary string
	options         emulator.Options
	process         *exec.Cmd
	t               *testing.T
}

// NewEmulatorProcess starts one that ends with the test: an organization on the plan enterprise, and an access token of its owner.
func NewEmulatorProcess(t *testing.T) *EmulatorProcess {
	t.Helper()
	dir := t.TempDir()
	e := &EmulatorProcess{
		binary: filepath.Join(dir, "emulator"), options: emulator.Options{DataFile: filepath.Join(dir, "emulator.json"), AccessTokenTTL: 24 * time.Hour}, t: t,
	}
	if output, err := exec.Command("go", "build", "-o", e.binary, "github.com/terrascale/terraform-provider-terrascale/internal/cmd/emulator").CombinedOutput(); err != nil {
		t.Fatalf("build the emulator: %s: %s", err, output)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e.address = listener.Addr().String()
	_ = listener.Close()
	e.withState(func(server *emulator.Server) {
		if err := server.SetPlan(emulator.DefaultOrganizationID, "enterprise"); err != nil {
			t.Fatal(err)
		}
		if e.Token, err = server.IssueToken(emulator.DefaultOwnerEmail, emulator.DefaultOrganizationID); err != nil {
			t.Fatal(err)
		}
	})
	e.start()
	t.Cleanup(e.kill)
	return e
}

// withState opens what the file holds, while no process does.
func (e *EmulatorProcess) withState(look func(*emulator.Server)) {
	e.t.Helper()
	server, err := emulator.New(e.options)
	if err != nil {
		e.t.Fatal(err)
	}
	look(server)
	if err := server.Close(); err != nil {
		e.t.Fatal(err)
	}
}

func (e *EmulatorProcess) start() {
	e.t.Helper()
	e.process = exec.Command(e.binary, "-listen", e.address, "-data", e.options.DataFile, "-quiet")
	if err := e.process.Start(); err != nil {
		e.t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); ; {
		connection, err := net.Dial("tcp", e.address)
		if err == nil {
			_ = connection.Close()
			return
		}
		if time.Now().After(end) {
			e.t.Fatalf("the emulator does not answer: %s", err)
		}
	}
}

func (e *EmulatorProcess) kill() {
	_ = e.process.Process.Kill()
	_ = e.process.Wait()
}

// Crash kills it, and starts it again with what it has written.
func (e *EmulatorProcess) Crash() {
	e.t.Helper()
	e.kill()
	e.start()
}

// Look looks at the state from outside, or changes it, between two lives of the process.
func (e *EmulatorProcess) Look(look func(*emulator.Server)) {
	e.t.Helper()
	e.kill()
	e.withState(look)
	e.start()
}

// ProviderHCL is Emulator's.
func (e *EmulatorProcess) ProviderHCL(attributes ...string) string {
	return providerHCL("http://"+e.address, e.Token, attributes)
}
