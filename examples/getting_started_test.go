// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/terraformcli"
)

const gettingStarted = "../docs/guides/getting-started.md"

// block is a fenced block of a page, and the line before it.
type block struct{ before, language, text string }

var fenced = regexp.MustCompile("(?s)([^\n]*)\n\n```([a-z]+)\n(.*?)\n```")

func blocksOf(t *testing.T, page string) []block {
	t.Helper()
	content, err := os.ReadFile(page)
	require.NoError(t, err)
	var blocks []block
	for _, found := range fenced.FindAllStringSubmatch(string(content), -1) {
		blocks = append(blocks, block{before: found[1], language: found[2], text: found[3]})
	}
	require.Len(t, blocks, strings.Count(string(content), "\n```")/2, "each block of %s is read", page)
	return blocks
}

// terminal is a shell that a reader types into.
type terminal struct {
	t       *testing.T
	stdin   io.Writer
	printed *bufio.Reader
	// all is everything that it printed.
	all strings.Builder
}

// newTerminal opens a shell in a folder. A command that fails is counted, whatever follows it.
func newTerminal(t *testing.T, dir string, environment []string) *terminal {
	t.Helper()
	shell := exec.CommandContext(t.Context(), "bash", "--norc")
	shell.Dir, shell.Env = dir, environment
	stdin, err := shell.StdinPipe()
	require.NoError(t, err)
	stdout, err := shell.StdoutPipe()
	require.NoError(t, err)
	shell.Stderr = shell.Stdout
	require.NoError(t, shell.Start())
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = shell.Wait()
	})
	opened := &terminal{t: t, stdin: stdin, printed: bufio.NewReader(stdout)}
	_, err = io.WriteString(stdin, "set -o pipefail\nfailures=0\ntrap 'failures=$((failures + 1))' ERR\n")
	require.NoError(t, err)
	return opened
}

// run types commands, and gives what they print and how many of them fail.
func (s *terminal) run(commands string) (printed string, failures int) {
	s.t.Helper()
	const end = "--- end of block, failures: "
	_, err := fmt.Fprintf(s.stdin, "failures=0\n{\n%s\n} </dev/null\necho; echo \"%s$failures\"\n", commands, end)
	require.NoError(s.t, err)
	var output strings.Builder
	for {
		line, err := s.printed.ReadString('\n')
		require.NoError(s.t, err, "the shell ended in\n%s\n%s", commands, output.String())
		if count, isEnd := strings.CutPrefix(line, end); isEnd {
			failures, err = strconv.Atoi(strings.TrimSpace(count))
			require.NoError(s.t, err)
			s.all.WriteString(output.String())
			return output.String(), failures
		}
		output.WriteString(line)
	}
}

// must runs what has to succeed.
func (s *terminal) must(commands string) string {
	s.t.Helper()
	printed, failures := s.run(commands)
	require.Zero(s.t, failures, "%s\n%s", commands, printed)
	return printed
}

// newMachine gives the environment of somebody who has installed what the page asks for, and nothing else.
func newMachine(t *testing.T) []string {
	t.Helper()
	home, tools := t.TempDir(), t.TempDir()
	require.NoError(t, os.Symlink(cli, filepath.Join(tools, "terraform")))
	if terraformcli.IsOpenTofu(cli) { // It looks below the name of its own registry.
		plugins := filepath.Join(home, ".terraform.d", "plugins")
		require.NoError(t, os.MkdirAll(filepath.Join(plugins, "registry.terraform.io"), 0o700))
		require.NoError(t, os.Symlink("registry.terraform.io", filepath.Join(plugins, "registry.opentofu.org")))
	}
	caches, err := exec.CommandContext(t.Context(), "go", "env", "GOMODCACHE", "GOCACHE", "GOFLAGS").Output()
	require.NoError(t, err)
	cache := strings.Split(string(caches), "\n")
	repository, err := filepath.Abs("..")
	require.NoError(t, err)
	return []string{
		"HOME=" + home, "PATH=" + tools + ":" + os.Getenv("PATH"), "CHECKPOINT_DISABLE=1", "TMPDIR=" + os.Getenv("TMPDIR"),
		"GOMODCACHE=" + cache[0], "GOCACHE=" + cache[1], "GOFLAGS=" + cache[2],
		// What is cloned is this repository, as it was committed last.
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=url.file://" + repository + ".insteadOf",
		"GIT_CONFIG_VALUE_0=https://github.com/terrascale/terraform-provider-terrascale",
	}
}

// startServices runs the page's bin/devstack until the test ends, and gives the lines that it tells the reader to paste.
func startServices(t *testing.T, checkout, command string, environment []string) (exports string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	services := exec.CommandContext(ctx, filepath.Join(checkout, command))
	services.Dir, services.Env = checkout, environment
	services.Cancel = func() error { return services.Process.Signal(os.Interrupt) }
	services.WaitDelay = time.Minute
	stdout, err := services.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, services.Start())
	t.Cleanup(func() {
		cancel()
		_ = services.Wait()
	})
	lines := bufio.NewReader(stdout)
	for !strings.Contains(exports, "export TERRASCALE_ORGANIZATION_ID=") {
		line, err := lines.ReadString('\n')
		require.NoError(t, err, "what %s printed: %s", command, exports)
		exports += line
	}
	return exports
}

var (
	fileName = regexp.MustCompile("`([a-z]+\\.tf)`")
	pageStep = regexp.MustCompile(`(?m)^      - run: (.+)$`)
	yamlName = regexp.MustCompile(`(?m)^      ([A-Za-z_]+): `)
)

// The page's own blocks, in an empty folder on a machine that has what the page asks for: they end with a login that only reads, an
// adapter, a rotation, and a workflow that finds nothing to do in a fresh checkout but to write .env again.
func TestGettingStartedGetsThere(t *testing.T) {
	blocks := blocksOf(t, gettingStarted)
	environment := newMachine(t)
	home := strings.TrimPrefix(environment[0], "HOME=")
	folder := filepath.Join(home, "gateway")
	reader := newTerminal(t, home, environment)
	answers, terse, last := map[string]string{}, "", ""
	for _, b := range blocks {
		switch {
		case b.language == "sh" && b.text == "bin/devstack":
			exports := startServices(t, filepath.Join(home, "terraform-provider-terrascale"), b.text, environment)
			reader = newTerminal(t, home, environment)
			reader.must(exports)
		case b.language == "sh" && strings.HasPrefix(b.before, "This must fail"):
			printed, failures := reader.run(b.text)
			require.Equal(t, 1, failures, "%s\n%s", b.text, printed)
			require.Regexp(t, `permission denied|read-only transaction`, printed)
		case b.language == "sh":
			if strings.HasPrefix(b.text, "terraform destroy") {
				expectWorkflowRuns(t, reader, folder, blocks, answers["git init"])
				expectNothingLeaked(t, reader, folder)
			}
			last = reader.must(b.text)
			first, _, _ := strings.Cut(b.text, "\n")
			words := strings.Fields(first)
			answers[strings.Join(words[:min(2, len(words))], " ")] = last
			if strings.HasPrefix(b.text, "cat >config.terse") {
				content, err := os.ReadFile(filepath.Join(folder, "config.terse"))
				require.NoError(t, err)
				terse = string(content)
			}
			expectStep(t, reader, folder, b.text, last)
		case b.language == "terraform":
			name := fileName.FindStringSubmatch(b.before)
			require.NotNil(t, name, "the line before a block says which file it is: %q", b.before)
			require.NoError(t, os.WriteFile(filepath.Join(folder, name[1]), []byte(b.text+"\n"), 0o600))
			reader.must("terraform fmt -check")
		default:
			require.Equal(t, "yaml", b.language)
		}
	}
	// The last block was the destroy.
	require.Regexp(t, `Destroy complete!\s+Resources: 3 destroyed`, last)
	require.NoFileExists(t, filepath.Join(folder, ".env"))
	content, err := os.ReadFile(filepath.Join(folder, "config.terse"))
	require.NoError(t, err)
	require.Equal(t, terse, string(content))
	require.Equal(t, "0", strings.TrimSpace(reader.must(`psql -d postgres -Atc "SELECT count(*) FROM pg_roles WHERE rolname ~ '^gateway'"`)))
}

// expectStep holds a block to what the page says of it.
func expectStep(t *testing.T, reader *terminal, folder, commands, printed string) {
	t.Helper()
	switch {
	case strings.Contains(commands, "apply login.tfplan"):
		require.Regexp(t, `username\s+=\s+"gateway_a"`, printed)
	case strings.Contains(commands, "apply adapter.tfplan"):
		require.Regexp(t, `"?read_only"?\s+=\s+true`, printed)
		require.Regexp(t, `"?reachable"?\s+=\s+true`, printed)
	case strings.HasPrefix(commands, "terraform output -raw backend_key"):
		endpoint := strings.TrimSpace(reader.must("echo $TERRASCALE_ENDPOINT"))
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, endpoint+"/api/v1/databases/"+emulator.DefaultDatabaseID+"/items", nil)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(printed))
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusOK, response.StatusCode, "the key that the reader sees works")
	case strings.Contains(commands, "apply rotation.tfplan"):
		require.Regexp(t, `Warning:[^\n]*\n`, printed)
		variables, err := os.ReadFile(filepath.Join(folder, ".env"))
		require.NoError(t, err)
		require.Contains(t, string(variables), "gateway_b:")
	case strings.HasPrefix(commands, "psql") && strings.Contains(commands, "SELECT id"):
		require.Contains(t, printed, "ada@example.com")
	}
}

// expectWorkflowRuns does what the page's workflow does, with what the reader committed.
func expectWorkflowRuns(t *testing.T, reader *terminal, folder string, blocks []block, status string) {
	t.Helper()
	for _, committed := range []string{"main.tf", "login.tf", "adapter.tf", "key.tf", "backend.tf", "config.terse", ".gitignore", ".terraform.lock.hcl"} {
		require.Contains(t, status, "A  "+committed)
	}
	require.Equal(t, 8, strings.Count(status, "A  "), "nothing else: %s", status)
	workflow := ""
	for _, b := range blocks {
		if b.language == "yaml" {
			workflow = b.text
		}
	}
	for _, name := range yamlName.FindAllStringSubmatch(workflow, -1) {
		if name[1] != "TERRASCALE_EMAIL" && name[1] != "TERRASCALE_PASSWORD" { // The playground gives a token instead.
			require.NotEmpty(t, strings.TrimSpace(reader.must("printenv "+name[1])), "the reader's shell has what the workflow is given")
		}
	}
	steps := pageStep.FindAllStringSubmatch(workflow, -1)
	require.Len(t, steps, 3)
	checkout := t.TempDir()
	reader.must("git -C " + folder + " checkout-index --all --prefix=" + checkout + "/ && cd " + checkout)
	printed := ""
	for _, step := range steps {
		printed = reader.must(step[1])
	}
	require.Regexp(t, `0\s+added,\s+1\s+changed,\s+0\s+destroyed`, printed, "only .env is written again")
	reader.must("cmp .env " + folder + "/.env && cd " + folder)
}

// expectNothingLeaked looks for the passwords of the reader's .env in what was printed and in the state.
func expectNothingLeaked(t *testing.T, reader *terminal, folder string) {
	t.Helper()
	variables, err := os.ReadFile(filepath.Join(folder, ".env"))
	require.NoError(t, err)
	password := regexp.MustCompile(`gateway_b:([^@]+)@`).FindStringSubmatch(string(variables))
	require.NotNil(t, password)
	hidden := secrets{"the login's password": password[1]}
	hidden.expectNone(t, "the state", reader.must("terraform state pull"))
	hidden.expectNone(t, "what the terminal showed", reader.all.String())
}
