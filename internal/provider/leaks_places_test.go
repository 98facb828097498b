// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// places is what was seen while something ran: by place, each text once.
type places struct {
	mu   sync.Mutex
	seen map[string]map[string]bool
}

func newPlaces() *places { return &places{seen: map[string]map[string]bool{}} }

func (p *places) add(place, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seen[place] == nil {
		p.seen[place] = map[string]bool{}
	}
	p.seen[place][text] = true
}

const (
	// betweenLooks is how long a process or a file may live without being seen.
	betweenLooks = 15 * time.Millisecond
	ofArguments  = "arguments of processes"
	ofVariables  = "environment of processes"
)

// watch looks at the processes that have the mark in their environment, and at files in folders, until the test ends or what it gives is called.
func (p *places) watch(t *testing.T, mark string, folders map[string]string) (end func()) {
	t.Helper()
	stop, stopped := make(chan struct{}), make(chan struct{})
	others := map[string]bool{} // What runs on the machine already is none of ours.
	for _, process := range processes() {
		others[process] = true
	}
	go func() {
		defer close(stopped)
		ticker := time.NewTicker(betweenLooks)
		defer ticker.Stop()
		for {
			p.lookAtProcesses(mark, others)
			for place, folder := range folders {
				p.lookAtFiles(place, folder)
			}
			select {
			case <-ticker.C:
			case <-stop:
				return
			}
		}
	}()
	end = sync.OnceFunc(func() {
		close(stop)
		<-stopped
	})
	t.Cleanup(end)
	return end
}

func processes() []string {
	folders, _ := filepath.Glob("/proc/[0-9]*")
	return folders
}

func (p *places) lookAtProcesses(mark string, others map[string]bool) {
	for _, process := range processes() {
		if others[process] {
			continue
		}
		variables, err := os.ReadFile(filepath.Join(process, "environ"))
		if err != nil || !bytes.Contains(variables, []byte(mark)) {
			continue
		}
		p.add(ofVariables, string(variables))
		if arguments, err := os.ReadFile(filepath.Join(process, "cmdline")); err == nil {
			p.add(ofArguments, string(arguments))
		}
	}
}

func (p *places) lookAtFiles(place, folder string) {
	_ = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			if content, err := os.ReadFile(path); err == nil {
				p.add(place, path+"\n"+string(content))
			}
		}
		return nil
	})
}

// gateway stands before the service. It knows what the service gave away, and can say what it was sent.
type gateway struct {
	*httptest.Server
	forward *httputil.ReverseProxy

	mu    sync.Mutex
	lie   func(w http.ResponseWriter, r *http.Request, body string)
	given []string
}

// gifts are what the service gives in confidence.
var gifts = regexp.MustCompile(`"(accessToken|refreshToken|pendingAuthenticationToken|apiKey)"\s*:\s*"([^"]+)"`)

func newGateway(t *testing.T, service string) *gateway {
	t.Helper()
	target, err := url.Parse(service)
	require.NoError(t, err)
	g := &gateway{forward: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}}
	g.Server = httptest.NewServer(g)
	t.Cleanup(g.Close)
	return g
}

// ServeHTTP implements http.Handler.
func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	g.mu.Lock()
	lie := g.lie
	g.mu.Unlock()
	if lie != nil {
		lie(w, r, string(body))
		return
	}
	g.carryOut(w, r)
}

// carryOut hands a request on, and the answer back.
func (g *gateway) carryOut(w http.ResponseWriter, r *http.Request) {
	answer := httptest.NewRecorder()
	g.forward.ServeHTTP(answer, r)
	g.mu.Lock()
	for _, gift := range gifts.FindAllStringSubmatch(answer.Body.String(), -1) {
		g.given = append(g.given, gift[1], gift[2])
	}
	g.mu.Unlock()
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// tell has it lie from now on; nil ends that.
func (g *gateway) tell(lie func(w http.ResponseWriter, r *http.Request, body string)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lie = lie
}

// gifts gives what was given away: names and secrets in turn.
func (g *gateway) gifts() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.given
}

// breaks ends the connection instead of an answer, with a text on it.
func breaks(w http.ResponseWriter, text string) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_, _ = connection.Write([]byte(text))
	_ = connection.Close()
}

// serviceLies are answers that hold what was asked, in every way that an error may quote.
func (g *gateway) serviceLies() map[string]func(http.ResponseWriter, *http.Request, string) {
	all := func(r *http.Request, body string) string {
		headers, _ := httputil.DumpRequest(r, false)
		return string(headers) + body
	}
	return map[string]func(http.ResponseWriter, *http.Request, string){
		"HTML with the request in it": func(w http.ResponseWriter, r *http.Request, body string) {
			w.Header().Set("Content-Type", "text/html; "+r.Header.Get("Authorization"))
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = w.Write([]byte("<html><pre>" + html.EscapeString(body+all(r, body)) + "</pre>"))
		},
		"a problem with the request in it": func(w http.ResponseWriter, r *http.Request, body string) {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprintf(w, `{"title":%q,"detail":%q,"status":400}`, r.Header.Get("Authorization")+body, body+all(r, body))
		},
		"no HTTP but the request": func(w http.ResponseWriter, r *http.Request, body string) {
			breaks(w, "HTTP/1.1 200 OK\r\n"+strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")+body+"\r\n\r\n")
		},
		"no answer to what was carried out": func(w http.ResponseWriter, r *http.Request, _ string) {
			if r.Method == http.MethodGet {
				g.carryOut(w, r)
				return
			}
			g.carryOut(httptest.NewRecorder(), r)
			breaks(w, "")
		},
	}
}
