// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/terraformcli"
)

const (
	schemas, tables = 3, 20

	// wideDatabase has many schemas of one table.
	wideDatabase = "wide"

	binaryName = "terraform-provider-terrascale"
)

// bench is what is measured on.
type bench struct {
	options
	cli    string
	dir    string
	server *devstack.PostgreSQL
	meter  *devstack.Meter
	// mariaDB is there where its users are measured.
	mariaDB    *devstack.MariaDB
	mariaMeter *devstack.Meter
	// progress is told what is being measured.
	progress io.Writer
}

// run measures, prints the tables, and writes the guide.
func run(ctx context.Context, chosen options, out, progress io.Writer) (err error) {
	b := &bench{options: chosen, progress: progress}
	builtFrom := commit(ctx, b.provider)
	if b.cli, err = terraformcli.Find(ctx); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(progress, "%d starts\n", chosen.starts)
	started, err := chosen.newStartupReport(ctx, builtFrom)
	if err != nil {
		return err
	}
	if chosen.startupOnly {
		return started.finish(out, chosen.write)
	}
	stack, err := devstack.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stack.Close()) }()
	if err := errors.Join(b.checkPeers(), b.prepare(ctx, stack)); err != nil {
		return err
	}
	on, err := describeMachine(ctx, b.provider, b.cli, b.server.AdminURL("postgres"))
	if err != nil {
		return err
	}
	on.Commit = builtFrom
	measured, err := b.measure(ctx, stack)
	if err != nil {
		return err
	}
	r := newReport(on, chosen, measured)
	r.Startup = started
	if err := r.print(out); err != nil {
		return err
	}
	if b.write == "" {
		return nil
	}
	return r.write(b.write)
}

// prepare starts the server, makes what the roles read, and gives the provider a path of its own, by which its processes
// are known.
func (b *bench) prepare(ctx context.Context, stack *devstack.Stack) (err error) {
	b.dir = filepath.Join(stack.Dir(), "bench")
	if err := os.MkdirAll(filepath.Join(b.dir, "bin"), 0o700); err != nil {
		return fmt.Errorf("make the benchmark's folder: %w", err)
	}
	content, err := os.ReadFile(b.provider)
	if err != nil {
		return fmt.Errorf("read the provider: %w", err)
	}
	b.provider = filepath.Join(b.dir, "bin", binaryName)
	if err := os.WriteFile(b.provider, content, 0o700); err != nil {
		return fmt.Errorf("copy the provider: %w", err)
	}
	b.server, err = stack.PostgreSQL(ctx, devstack.PostgreSQLOptions{Settings: devstack.MeterSettings()})
	if err != nil {
		return err
	}
	if b.meter, err = b.server.NewMeter(); err != nil {
		return err
	}
	if err := execute(ctx, b.server.AdminURL("postgres"), "CREATE DATABASE app", "CREATE ROLE app_owner"); err != nil {
		return err
	}
	var statements []string
	for schema := range schemas {
		statements = append(statements, fmt.Sprintf("CREATE SCHEMA s%d AUTHORIZATION app_owner", schema))
		for table := range tables {
			statements = append(statements, fmt.Sprintf("CREATE TABLE s%d.t%d (id int)", schema, table))
		}
	}
	if err := execute(ctx, b.server.AdminURL("app"), statements...); err != nil {
		return err
	}
	if err := b.prepareMariaDB(ctx, stack); err != nil || len(b.lengths) == 0 {
		return err
	}
	if err := execute(ctx, b.server.AdminURL("postgres"), "CREATE DATABASE "+wideDatabase); err != nil {
		return err
	}
	return execute(ctx, b.server.AdminURL(wideDatabase), wideStatements()...)
}

// prepareMariaDB starts a server with as many databases as PostgreSQL's has schemas, where users are measured.
func (b *bench) prepareMariaDB(ctx context.Context, stack *devstack.Stack) (err error) {
	if !b.has(mysqlPeer) {
		return nil
	}
	if b.mariaDB, err = stack.MariaDB(ctx, devstack.MariaDBOptions{Settings: map[string]string{"general-log": "ON"}}); err != nil {
		return err
	}
	if b.mariaMeter, err = b.mariaDB.NewMeter(); err != nil {
		return err
	}
	driver := mysql.NewConfig()
	driver.Net, driver.Addr = "tcp", net.JoinHostPort(b.mariaDB.Host, strconv.Itoa(b.mariaDB.Port))
	driver.User, driver.Passwd, driver.TLS = b.mariaDB.Admin, b.mariaDB.AdminPassword.Reveal(), b.mariaDB.TLS()
	connector, err := mysql.NewConnector(driver)
	if err != nil {
		return fmt.Errorf("prepare MariaDB: %w", err)
	}
	database := sql.OpenDB(connector)
	defer func() { err = errors.Join(err, database.Close()) }()
	for number := range schemas {
		if _, err := database.ExecContext(ctx, fmt.Sprintf("CREATE DATABASE s%d", number)); err != nil {
			return fmt.Errorf("prepare MariaDB: %w", err)
		}
	}
	return nil
}

func execute(ctx context.Context, address string, statements ...string) error {
	connection, err := pgx.Connect(ctx, address)
	if err != nil {
		return fmt.Errorf("prepare the server: %w", err)
	}
	defer func() { _ = connection.Close(ctx) }()
	for _, statement := range statements {
		if _, err := connection.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// measure takes all measures as often as it is asked for. One of each is taken after the other, so that what else the
// machine does meets all of them.
func (b *bench) measure(ctx context.Context, stack *devstack.Stack) (results, error) {
	measured := results{}
	for turn := range b.runs {
		for _, roles := range b.roles {
			for _, delay := range b.delays {
				_, _ = fmt.Fprintf(b.progress, "%d of %d: %d roles, %s added\n", turn+1, b.runs, roles, delay)
				if err := b.measureRoles(ctx, measured, roles, delay); err != nil {
					return nil, err
				}
			}
			if err := b.measureFloor(ctx, measured, roles); err != nil {
				return nil, err
			}
		}
		for _, delay := range b.delays {
			if err := b.measureUsers(ctx, measured, delay); err != nil {
				return nil, err
			}
		}
		if err := b.measureLists(ctx, stack, measured); err != nil {
			return nil, err
		}
	}
	return measured, nil
}

// measureRoles makes roles, plans twice, and drops them.
func (b *bench) measureRoles(ctx context.Context, measured results, roles int, delay time.Duration) (err error) {
	port, done, err := behind(b.server.Host, b.server.Port, delay)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	err = b.measureSteps(ctx, measured, rolesConfiguration(b.server, port, roles), []step{
		{of: key{roles, delay, stepApply}, arguments: []string{"apply", "-auto-approve"}, leavesState: true},
		{of: key{roles, delay, stepPlan}, arguments: []string{"plan", "-detailed-exitcode"}},
		{of: key{roles, delay, stepFloor}, arguments: []string{"plan", "-detailed-exitcode", "-refresh=false"}},
		{of: key{roles, delay, stepDestroy}, arguments: []string{"destroy", "-auto-approve"}},
	})
	if err != nil {
		return err
	}
	return b.measurePeer(ctx, measured, port, roles, delay)
}

// measureFloor makes as many of the CLI's own resources.
func (b *bench) measureFloor(ctx context.Context, measured results, roles int) error {
	return b.measureSteps(ctx, measured, floorConfiguration(roles), []step{
		{of: key{roles, b.delays[0], stepData}, arguments: []string{"apply", "-auto-approve"}, leavesState: true},
	})
}

// step is a run of the CLI that is measured.
type step struct {
	of        key
	arguments []string
	// leavesState is set for the one whose state's size counts.
	leavesState bool
}

// measureSteps measures runs of the CLI with this provider, one after the other, in a folder of their own.
func (b *bench) measureSteps(ctx context.Context, measured results, configuration string, steps []step) error {
	return b.measureWith(ctx, measured, b.itself(), b.meter, configuration, steps)
}

func (b *bench) measureWith(
	ctx context.Context, measured results, of subject, meter *devstack.Meter, configuration string, steps []step,
) error {
	dir, err := os.MkdirTemp(b.dir, "workspace")
	if err != nil {
		return fmt.Errorf("make a folder for the configuration: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(configuration), 0o600); err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	workspace := terraformcli.Workspace{CLI: b.cli, Dir: dir}
	if err := workspace.OverrideAs(filepath.Join(dir, "cli.tfrc"), of.source, filepath.Dir(of.binary)); err != nil {
		return err
	}
	for _, s := range steps {
		taken, err := b.take(ctx, &workspace, of.binary, meter, s.arguments)
		if err != nil {
			return fmt.Errorf("%s of %d: %w", s.of.step, s.of.roles, err)
		}
		if s.leavesState {
			info, err := os.Stat(filepath.Join(dir, "terraform.tfstate"))
			if err != nil {
				return fmt.Errorf("look at the state: %w", err)
			}
			taken.state = info.Size()
		}
		measured[s.of] = append(measured[s.of], taken)
	}
	return nil
}

// take runs the CLI once, which has to succeed.
func (b *bench) take(ctx context.Context, workspace *terraformcli.Workspace, binary string, meter *devstack.Meter, arguments []string) (measure, error) {
	if _, err := meter.Read(); err != nil {
		return measure{}, err
	}
	stopWatching := watch(binary)
	start, busy := time.Now(), childrenTime()
	result, err := workspace.Run(ctx, append(arguments, "-input=false", "-no-color")...)
	taken := measure{wall: time.Since(start), cpu: childrenTime() - busy}
	used := stopWatching()
	taken.memory, taken.own = used.memory, used.cpu
	if err != nil {
		return measure{}, err
	}
	if result.ExitCode != 0 {
		return measure{}, fmt.Errorf("exit code %d:\n%s", result.ExitCode, result.Output)
	}
	taken.activity, err = meter.Read()
	return taken, err
}

// childrenTime is the processor time of all processes that this one has waited for, and that they have: the CLI, and its
// providers. The server goes on, so it is not among them.
func childrenTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
