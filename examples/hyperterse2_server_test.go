// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

//go:build hyperterse2

package examples_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// serverVariable is the path of a hyperterse program, version 2: 'make test-hyperterse2' takes it.
const serverVariable = "TEST_HYPERTERSE2"

// realServer runs the program in a folder.
type realServer struct {
	t       *testing.T
	program string
	folder  string
	port    int
	// output is what it printed since it was started last.
	output *printed
}

// printed is written by one and read by another.
type printed struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write adds to it.
func (o *printed) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *printed) reset() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.Reset()
}

// String gives all of it.
func (o *printed) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func newRealServer(t *testing.T, folder string) realServer {
	t.Helper()
	program := os.Getenv(serverVariable)
	require.NotEmpty(t, program, "%s names no hyperterse program", serverVariable)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	return realServer{t, program, folder, listener.Addr().(*net.TCPAddr).Port, &printed{}}
}

// validate runs the command, and gives what it printed.
func (s realServer) validate(wantSuccess bool) string {
	s.t.Helper()
	command := exec.CommandContext(s.t.Context(), s.program, "validate", s.folder)
	output, err := command.CombinedOutput()
	require.Equal(s.t, wantSuccess, err == nil, "%s", output)
	return string(output)
}

// start starts the server, and gives what ends it. One that ends by itself is the error.
func (s realServer) start(arguments ...string) (stop func(), err error) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	command := exec.CommandContext(ctx, s.program, append([]string{"start", s.folder, "--port", strconv.Itoa(s.port)}, arguments...)...)
	s.output.reset()
	command.Stdout, command.Stderr = s.output, s.output
	require.NoError(s.t, command.Start())
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	stop = func() {
		cancel()
		_ = <-ended // It was killed.
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for patience := time.After(30 * time.Second); ; {
		select {
		case err := <-ended:
			cancel()
			return nil, fmt.Errorf("%w: %s", err, s.output.String())
		case <-patience:
			stop()
			return nil, fmt.Errorf("it did not answer: %s", s.output.String())
		case <-tick.C:
			if answer, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/heartbeat", s.port)); err == nil {
				_ = answer.Body.Close()
				return stop, nil
			}
		}
	}
}

// call has the server run the tool of the example, and gives its answer.
func (s realServer) call() string {
	s.t.Helper()
	session := ""
	post := func(body string) string {
		request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, fmt.Sprintf("http://127.0.0.1:%d/mcp", s.port), strings.NewReader(body))
		require.NoError(s.t, err)
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Accept", "application/json, text/event-stream")
		if session != "" {
			request.Header.Set("Mcp-Session-Id", session)
		}
		answer, err := http.DefaultClient.Do(request)
		require.NoError(s.t, err)
		defer func() { _ = answer.Body.Close() }()
		if id := answer.Header.Get("Mcp-Session-Id"); id != "" {
			session = id
		}
		content, err := io.ReadAll(answer.Body)
		require.NoError(s.t, err)
		return string(content)
	}
	post(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}`)
	post(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	return post(`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"list-users","arguments":{}}}`)
}

// TestProjectWithARealHyperterse2 applies the example, and has the real server take it: through a rotation, too.
func TestProjectWithARealHyperterse2(t *testing.T) {
	w := projectWorkspace(t)
	asAdmin(t, "INSERT INTO users (id, email) VALUES (4711, 'seen-through-the-gateway@example.com')")
	mustRun(t, &w, 0, "apply", "-input=false", "-auto-approve", "-no-color")
	project := filepath.Join(w.Dir, "gateway")
	server := newRealServer(t, project)
	require.Contains(t, server.validate(true), "app/adapters/app_db.terse")
	stop, err := server.start("--watch")
	require.NoError(t, err)
	require.Contains(t, server.call(), "seen-through-the-gateway@example.com")

	// Within the overlap both logins are valid: the server goes on with the old one until it is started again.
	rotated := w
	rotated.Environment = append(w.Environment, "TF_VAR_rotate=now")
	mustRun(t, &rotated, 0, "apply", "-input=false", "-auto-approve", "-no-color")
	require.Equal(t, "project_gateway_b", usernameOf(t, filepath.Join(project, ".env")))
	require.Contains(t, server.call(), "seen-through-the-gateway@example.com")
	sessions := func(login string) int {
		connection := connect(t, "app")
		defer func() { _ = connection.Close(t.Context()) }()
		var count int
		require.NoError(t, connection.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE usename = $1", login).Scan(&count))
		return count
	}
	require.Positive(t, sessions("project_gateway_a"))
	require.Zero(t, sessions("project_gateway_b"), "a change of .env is not noticed, with --watch neither")

	// A reload keeps the variables that the process has.
	file := filepath.Join(project, "app", "adapters", "app_db.terse")
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, content, 0o600))
	require.Eventually(t, func() bool { return strings.Contains(server.output.String(), "reloaded successfully") }, time.Minute, 50*time.Millisecond)
	require.Contains(t, server.call(), "seen-through-the-gateway@example.com")
	require.Zero(t, sessions("project_gateway_b"), "a reload does not take the new value either")
	stop()

	// A build keeps the references, so that a rotation needs none.
	build := exec.CommandContext(t.Context(), server.program, "build", project)
	built, err := build.CombinedOutput()
	require.NoError(t, err, "%s", built)
	manifest, err := os.ReadFile(filepath.Join(project, "dist", "model.bin"))
	require.NoError(t, err)
	require.Contains(t, string(manifest), "{{ env.DATABASE_URL }}")
	require.NoError(t, os.RemoveAll(filepath.Join(project, "dist")))
	stop, err = server.start()
	require.NoError(t, err)
	require.Contains(t, server.call(), "seen-through-the-gateway@example.com")
	require.Positive(t, sessions("project_gateway_b"))
	stop()
	asAdmin(t, "DELETE FROM users WHERE id = 4711")
	mustRun(t, &rotated, 0, "destroy", "-input=false", "-auto-approve", "-no-color")
}

// TestMistakesInAProjectWithARealHyperterse2 holds what the provider says of a project to what the server does.
func TestMistakesInAProjectWithARealHyperterse2(t *testing.T) {
	const adapter = "connector: postgres\nconnection_string: 'postgresql://127.0.0.1:1/app'\n"
	reachable := fmt.Sprintf("postgresql://%s:%s@%s:%s/app?sslmode=require",
		playground.Environment["PGUSER"], playground.Environment["PGPASSWORD"], playground.Environment["PGHOST"], playground.Environment["PGPORT"])
	put := func(t *testing.T, folder, name, content string) {
		t.Helper()
		path := filepath.Join(folder, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	}
	newProject := func(t *testing.T, settings string) (string, realServer) {
		t.Helper()
		folder := t.TempDir()
		put(t, folder, ".hyperterse", settings)
		put(t, folder, "app/tools/get/config.terse", "use: app_db\ndescription: x\nstatement: SELECT 1\n")
		return folder, newRealServer(t, folder)
	}
	t.Run("an unknown field is refused", func(t *testing.T) {
		folder, server := newProject(t, "name: it\n")
		put(t, folder, "app/adapters/app_db.terse", adapter+"use: x\n")
		require.Contains(t, server.validate(false), "field use not found")
	})
	t.Run("adapters in the root file are ignored", func(t *testing.T) {
		_, server := newProject(t, "name: it\nadapters:\n  app_db:\n    connector: postgres\n    connection_string: x\n")
		require.Contains(t, server.validate(true), "adapter files (0)")
	})
	t.Run("a folder of adapters that is a link is not looked into", func(t *testing.T) {
		folder, server := newProject(t, "name: it\n")
		put(t, folder, "app/real/app_db.terse", adapter)
		require.NoError(t, os.Symlink("real", filepath.Join(folder, "app", "adapters")))
		require.Contains(t, server.validate(true), "adapter files (0)")
	})
	t.Run("any case of the extension, in subfolders, where the settings say", func(t *testing.T) {
		folder, server := newProject(t, "name: it\nadapters:\n  directory: ' other '\n")
		put(t, folder, "app/other/deep/app_db.TERSE", adapter)
		require.Contains(t, server.validate(true), "app_db.TERSE")
	})
	t.Run("two files of one name are taken without a word", func(t *testing.T) {
		folder, server := newProject(t, "name: it\n")
		put(t, folder, "app/adapters/app_db.terse", adapter)
		put(t, folder, "app/adapters/b.terse", "name: app_db\n"+adapter)
		require.Contains(t, server.validate(true), "adapter files (2)")
	})
	t.Run("a tool whose adapter is not there fails when it is called", func(t *testing.T) {
		folder, server := newProject(t, "name: it\n")
		put(t, folder, "app/tools/list-users/config.terse", "use: gone_db\ndescription: x\nstatement: SELECT 1\n")
		require.NoError(t, os.RemoveAll(filepath.Join(folder, "app", "tools", "get")))
		put(t, folder, "app/adapters/app_db.terse", strings.Replace(adapter, "postgresql://127.0.0.1:1/app", reachable, 1))
		stop, err := server.start()
		require.NoError(t, err)
		defer stop()
		require.Contains(t, server.call(), "gone_db")
	})
	t.Run("a reference in an option reaches the driver as it is", func(t *testing.T) {
		folder, server := newProject(t, "name: it\n")
		put(t, folder, ".env", "NAME_OF_IT=filled-in\n")
		put(t, folder, "app/adapters/app_db.terse", strings.Replace(adapter, "postgresql://127.0.0.1:1/app", reachable, 1)+"options:\n  application_name: '{{ env.NAME_OF_IT }}'\n  search_path: '{{ env.NAME_OF_IT }}'\n  DateStyle: '{{ env.NAME_OF_IT }}'\n")
		_, err := server.start()
		require.ErrorContains(t, err, "{{ env.NAME_OF_IT }}")
		require.NotContains(t, err.Error(), "filled-in")
	})
	t.Run("the first of three .env files is read", func(t *testing.T) {
		folder, server := newProject(t, "name: it\n")
		put(t, folder, "app/adapters/app_db.terse", strings.Replace(adapter, "postgresql://127.0.0.1:1/app", "postgresql://127.0.0.1:{{ env.PORT_OF_IT }}/app?sslmode=disable", 1))
		for _, step := range [][2]string{{".env", "3"}, {".env.development", "5"}, {".env.local", "7"}} {
			put(t, folder, step[0], "PORT_OF_IT="+step[1]+"\n")
			_, err := server.start()
			require.ErrorContains(t, err, "127.0.0.1:"+step[1])
		}
	})
}
