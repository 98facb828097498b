// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package connectioncheck

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mongodb"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mysql"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/probe"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/redis"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// target is what to connect to.
type target struct {
	connector, connectionString string
	options                     map[string]string
	dotenvFile                  string
	// project is in place of dotenvFile; empty for none.
	project hyperterse.Project
	timeout time.Duration
}

// outcome is what came of it.
type outcome struct {
	reachable bool
	// problem says why it was not reachable, or why it can't be told what the login may do; empty for neither.
	problem string
	report  probe.Report
	took    time.Duration
}

// opener connects with a driver string, and calls connected once the server has answered. Variables are those of the .env
// file.
type opener func(ctx context.Context, driverString secret.String, variables map[string]secret.String, connected func()) (probe.Report, error)

// openers know how the gateway's driver of each connector connects.
var openers = map[string]opener{
	hyperterse.Postgres: func(ctx context.Context, driverString secret.String, variables map[string]secret.String, connected func()) (probe.Report, error) {
		settings, err := hyperterse.PostgresSettings(driverString, variables)
		if err != nil {
			return probe.Report{}, err
		}
		return postgresql.Probe(ctx, settings, connected)
	},
	hyperterse.MySQL:   withoutVariables(mysql.Probe),
	hyperterse.Redis:   withoutVariables(redis.Probe),
	hyperterse.MongoDB: withoutVariables(mongodb.Probe),
}

// withoutVariables makes an opener of a driver that takes nothing from the environment.
func withoutVariables(open func(context.Context, secret.String, func()) (probe.Report, error)) opener {
	return func(ctx context.Context, driverString secret.String, _ map[string]secret.String, connected func()) (probe.Report, error) {
		return open(ctx, driverString, connected)
	}
}

// unescaped is said instead of the driver's words, which name the host and the database, where these may be a password's end.
const unescaped = "what the driver says is left out, because a second @ follows the one before the host, and parts of a password " +
	"may stand there: in the user and password write # as %23, / as %2F, ? as %3F, @ as %40, and in a database's name @ as %40"

// environmentFile is the .env file that the gateway reads.
func (t target) environmentFile() (string, error) {
	if t.project == "" {
		return t.dotenvFile, nil
	}
	if err := t.project.Check(); err != nil {
		return "", err
	}
	file := t.project.DotenvFile()
	if before := hyperterse.DotenvBefore(file); before != "" {
		return before, nil
	}
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return "", nil // The gateway starts without one, too.
	}
	return file, nil
}

// check fills in the connection string and connects.
func (t target) check(ctx context.Context, clock func() time.Time) outcome {
	dotenvFile, err := t.environmentFile()
	if err != nil {
		return outcome{problem: err.Error()}
	}
	environment, err := hyperterse.NewEnvironment(os.LookupEnv, dotenvFile)
	if err != nil {
		return outcome{problem: err.Error()}
	}
	filled, err := environment.Fill(t.connectionString)
	if err != nil {
		return outcome{problem: err.Error()}
	}
	if err := hyperterse.CheckFilled(t.connector, filled); err != nil {
		return outcome{problem: err.Error()}
	}
	driverString, err := hyperterse.DriverString(t.connector, filled, t.options)
	if err != nil {
		return outcome{problem: err.Error()}
	}
	variables := environment.File()
	hidden := append(hyperterse.Secrets(t.connector, filled), hyperterse.Secrets(t.connector, driverString)...)
	if password, set := variables["PGPASSWORD"]; set {
		hidden = append(hidden, password)
	}

	began := clock()
	limited, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	var seen outcome
	seen.report, err = openers[t.connector](limited, driverString, variables, func() { seen.took = clock().Sub(began) })
	if seen.reachable = err == nil; seen.reachable {
		err = seen.report.Unknown
	}
	if err == nil {
		return seen
	}
	seen.problem = hyperterse.Hide(err.Error(), hidden)
	if hyperterse.MayBeUnescaped(driverString) {
		seen.problem = unescaped
	}
	// A connection's own deadline may pass a moment before the context's does.
	if errors.Is(limited.Err(), context.DeadlineExceeded) || clock().Sub(began) >= t.timeout {
		seen.problem = fmt.Sprintf("no answer within %s: %s", customtypes.FormatDuration(t.timeout), seen.problem)
	}
	return seen
}
