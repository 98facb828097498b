// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"net"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/journal"
	"github.com/terrascale/terraform-provider-terrascale/internal/provider"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/faults"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/protocol"
)

// field is where the lives of resources happen: servers that stay, and what is put before them.
type field struct {
	database  *acctest.Database
	mariaDB   *acctest.MariaDB
	redis     *acctest.Redis
	authority *devstack.Authority
}

// life is what happens to one resource of a type, under one fault.
type life struct {
	*field
	kind    kindOfLife
	name    string
	folder  string
	service *emulator.Server
	box     *faults.Middlebox
	token   secret.String
	parent  string // of a repository
	port    int

	instance  protocol.Instance
	isTainted bool
}

func (f *field) newLife(t *testing.T, kind kindOfLife, name string) *life {
	t.Helper()
	l := &life{field: f, kind: kind, name: name, folder: t.TempDir()}
	var err error
	l.service, err = emulator.New(emulator.Options{
		AccessTokenTTL: time.Hour * 24, RateLimits: emulator.RateLimits{Free: -1, Pro: -1, Enterprise: -1, Anonymous: -1},
	})
	require.NoError(t, err)
	require.NoError(t, l.service.Start())
	t.Cleanup(func() { require.NoError(t, l.service.Close()) })
	l.port, err = faults.Port()
	require.NoError(t, err)
	l.token, err = l.service.IssueToken(emulator.DefaultOwnerEmail, emulator.DefaultOrganizationID)
	require.NoError(t, err)
	l.box, err = faults.NewMiddlebox(l.service.URL(), f.authority)
	require.NoError(t, err)
	t.Cleanup(l.box.Close)
	if kind.prepare != nil {
		kind.prepare(t, l)
	}
	return l
}

func (l *life) target() faults.Target {
	at := func(host string, port int) string { return net.JoinHostPort(host, strconv.Itoa(port)) }
	target := faults.Target{Protocol: l.kind.protocol, Port: l.port, Authority: l.authority}
	switch l.kind.protocol {
	case faults.PostgreSQL:
		target.Address = at(l.database.Host, l.database.Port)
	case faults.MySQL:
		target.Address = at(l.mariaDB.Host, l.mariaDB.Port)
	case faults.Redis:
		target.Address = at(l.redis.Host, l.redis.Port)
	case faults.HTTPS:
		target.Address, target.Box = l.box.Address(), l.box
	}
	return target
}

// inProcess runs the provider as a process of its own would run, with its server at the end of a way.
func (l *life) inProcess(t *testing.T, way *faults.Way, run func(p *protocol.Provider)) {
	t.Helper()
	notes := journal.New(filepath.Join(l.folder, "journal"), func(context.Context, string, ...map[string]any) {})
	main := func(server object) object { return object{"main": server} }
	p := protocol.New(t, provider.New("test", provider.WithJournal(notes))(), object{
		"endpoint": "https://" + net.JoinHostPort(way.Host, strconv.Itoa(way.Port)), "ca_file": l.authority.CAFile, "access_token": l.token.Reveal(),
		"organization_id": emulator.DefaultOrganizationID, "request_timeout": faultyRequest, "max_retries": 2,
		"postgresql": main(object{
			"host": way.Host, "port": way.Port, "username": l.database.Admin, "password": l.database.AdminPassword.Reveal(),
			"database": "postgres", "sslrootcert": l.database.Authority.CAFile,
		}),
		"mysql": main(object{
			"host": way.Host, "port": way.Port, "username": l.mariaDB.Admin, "password": l.mariaDB.AdminPassword.Reveal(), "ca_file": l.mariaDB.Authority.CAFile,
		}),
		"redis": main(object{
			"host": way.Host, "port": way.Port, "username": l.redis.Admin, "password": l.redis.AdminPassword.Reveal(), "ca_file": l.redis.Authority.CAFile,
		}),
	})
	run(p)
	p.End()
	require.NoError(t, notes.Close())
}

// undisturbed runs the provider on a way on which nothing fails.
func (l *life) undisturbed(t *testing.T, run func(p *protocol.Provider)) (sent, received int64) {
	t.Helper()
	way, err := faults.Open(l.target())
	require.NoError(t, err)
	l.inProcess(t, way, run)
	sent, received = way.Traffic()
	way.Close()
	return sent, received
}

// step is one operation in a life: what the configuration says from now on; nil ends it.
type step struct {
	name   string
	config object
}

func (l *life) steps() []step {
	all := []step{{"create", l.kind.config(l, 0)}, {"read", l.kind.config(l, 0)}}
	if changed := l.kind.config(l, 1); changed != nil {
		all = append(all, step{"update", changed})
	}
	if l.kind.rotates {
		all = append(all, step{"rotate", l.kind.config(l, 2)})
	}
	return append(all, step{"destroy", nil})
}

func (l *life) value(p *protocol.Provider, config object) tftypes.Value {
	if config == nil {
		return p.None(l.kind.typeName).State
	}
	return protocol.Value(p.Type(l.kind.typeName), config)
}

// refresh reads what is known of, as a plan and an apply do first.
func (l *life) refresh(t *testing.T, p *protocol.Provider) {
	t.Helper()
	if l.instance.TypeName == "" {
		l.instance = p.None(l.kind.typeName)
	}
	if !l.instance.State.IsNull() {
		read, errors := p.Read(t, l.instance)
		require.Empty(t, errors)
		l.instance = read
	}
}

// plan refreshes and plans.
func (l *life) plan(t *testing.T, p *protocol.Provider, config object) protocol.Plan {
	t.Helper()
	l.refresh(t, p)
	plan := p.Plan(t, l.instance, l.value(p, config))
	require.Empty(t, plan.Errors)
	return plan
}

// apply carries a plan out, and keeps what a CLI keeps.
func (l *life) apply(t *testing.T, p *protocol.Provider, plan protocol.Plan, config object) []string {
	t.Helper()
	isNew := l.instance.State.IsNull()
	made, errors := p.Apply(t, l.instance, plan, l.value(p, config))
	l.instance = made
	if made.TypeName == "" || made.State.IsNull() {
		l.instance = p.None(l.kind.typeName)
	}
	l.isTainted = isNew && len(errors) > 0 && !l.instance.State.IsNull()
	return errors
}

// converge is one later apply.
func (l *life) converge(t *testing.T, config object) {
	t.Helper()
	l.undisturbed(t, func(p *protocol.Provider) {
		l.refresh(t, p)
		if l.isTainted && !l.instance.State.IsNull() {
			require.Empty(t, l.apply(t, p, l.plan(t, p, nil), nil))
		}
		l.isTainted = false
		if config != nil || !l.instance.State.IsNull() {
			require.Empty(t, l.apply(t, p, l.plan(t, p, config), config))
		}
	})
}

// requireDone holds a plan to be empty.
func (l *life) requireDone(t *testing.T, config object) {
	t.Helper()
	if config == nil {
		require.True(t, l.instance.State.IsNull())
		return
	}
	l.undisturbed(t, func(p *protocol.Provider) {
		plan := l.plan(t, p, config)
		require.False(t, l.instance.State.IsNull())
		require.Empty(t, protocol.Inconsistent(l.instance.State, plan.Planned))
	})
}

// cleanLife is what a life is when nothing fails, by operation.
type cleanLife struct {
	looks   map[string]any
	traffic map[string]faults.Traffic
}

func (l *life) clean(t *testing.T) cleanLife {
	t.Helper()
	clean := cleanLife{map[string]any{}, map[string]faults.Traffic{}}
	for _, step := range l.steps() {
		var lasted time.Duration
		sent, received := l.undisturbed(t, func(p *protocol.Provider) {
			begin := time.Now()
			plan := l.plan(t, p, step.config)
			require.Empty(t, l.apply(t, p, plan, step.config))
			lasted = time.Since(begin)
		})
		clean.traffic[step.name] = faults.Traffic{Sent: sent, Received: received, Lasted: lasted}
		clean.looks[step.name] = l.kind.look(t, l)
		l.requireDone(t, step.config)
	}
	return clean
}
