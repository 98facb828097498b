// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package journal_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/journal"
)

const (
	stepsVariable = "JOURNAL_TEST_STEPS"
	dirVariable   = "JOURNAL_TEST_DIR"
)

// TestMain lets the test's binary be the other process.
func TestMain(m *testing.M) {
	if steps := os.Getenv(stepsVariable); steps != "" {
		act(os.Getenv(dirVariable), strings.Split(steps, "\n"))
	}
	os.Exit(m.Run())
}

// act carries out the steps, says so, and waits to be killed.
func act(dir string, steps []string) {
	ctx := context.Background()
	j := journal.New(dir, func(_ context.Context, message string, fields ...map[string]any) {
		fmt.Fprintln(os.Stderr, message, fields)
		os.Exit(1)
	})
	var entry *journal.Entry
	for i := 0; i < len(steps); i++ {
		id, isMade := strings.CutPrefix(steps[i], "made ")
		switch {
		case isMade:
			entry.Made(ctx, id)
		case steps[i] == "begin":
			i++
			entry = j.Begin(ctx, record(steps[i]))
		case steps[i] == "settle":
			entry.Settle(ctx)
		case steps[i] == "tear":
			tear(dir)
		}
	}
	fmt.Println("done")
	select {}
}

// tear leaves a line that was begun only, as a process that is killed while it writes.
func tear(dir string) {
	records, err := filepath.Glob(filepath.Join(strings.ReplaceAll(dir, "[", `\[`), "*.jsonl"))
	if err == nil && len(records) == 1 {
		var file *os.File
		file, err = os.OpenFile(records[0], os.O_APPEND|os.O_WRONLY, 0)
		if err == nil {
			_, err = file.WriteString("\n{\"entry\":0,\"settled\":tr")
		}
	}
	if err != nil || len(records) != 1 {
		fmt.Fprintln(os.Stderr, records, err)
		os.Exit(1)
	}
}

type process struct {
	t       *testing.T
	command *exec.Cmd
}

// start starts another process that carries out steps, and waits for it to have done so.
func start(t *testing.T, dir string, steps ...string) process {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(os.Environ(), stepsVariable+"="+strings.Join(steps, "\n"), dirVariable+"="+dir)
	command.Stderr = os.Stderr
	output, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	line, err := bufio.NewReader(output).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "done\n", line)
	return process{t, command}
}

// kill is kill -9.
func (p process) kill() {
	p.t.Helper()
	require.NoError(p.t, p.command.Process.Kill())
	require.Error(p.t, p.command.Wait())
}

// dieIn has another process carry out steps in a folder, and kills it.
func dieIn(t *testing.T, dir string, steps ...string) {
	t.Helper()
	start(t, dir, steps...).kill()
}
