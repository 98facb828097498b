// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/terraformcli"
)

// prepare starts the services and lays out a copy of the example to work in.
func (d *demo) prepare(ctx context.Context) error {
	cli, err := terraformcli.Find(ctx)
	if err != nil {
		return err
	}
	say("Starting a private PostgreSQL server and an emulator of TerraScale (not the service) ...")
	if err := d.startServices(ctx); err != nil {
		return err
	}
	d.workspace = terraformcli.Workspace{CLI: cli, Dir: filepath.Join(d.dir, "quickstart")}
	if err := os.CopyFS(d.workspace.Dir, os.DirFS(filepath.Join(d.root, "examples", "quickstart"))); err != nil {
		return fmt.Errorf("copy the example: %w", err)
	}
	if err := d.workspace.Override(filepath.Join(d.dir, "cli.tfrc"), filepath.Join(d.root, "bin")); err != nil {
		return err
	}
	d.password = secret.New(rand.Text())
	environment := maps.Clone(d.playground.Environment)
	environment["TF_VAR_gateway_password"] = d.password.Reveal()
	environment["TF_VAR_database_address"] = environment["PGHOST"] + ":" + environment["PGPORT"]
	environment["TF_VAR_runner_address"] = "127.0.0.1"
	for _, name := range slices.Sorted(maps.Keys(environment)) {
		d.workspace.Environment = append(d.workspace.Environment, name+"="+environment[name])
	}
	return nil
}

// play runs the whole job.
func (d *demo) play(ctx context.Context) error {
	before, err := os.ReadFile(d.terseFile())
	if err != nil {
		return err
	}
	if err := d.run(ctx, "plan", 2, "plan", "-input=false", "-no-color", "-detailed-exitcode"); err != nil {
		return err
	}
	if err := d.run(ctx, "apply", 0, "apply", "-auto-approve", "-input=false", "-no-color"); err != nil {
		return err
	}
	if err := d.run(ctx, "plan again: no changes", 0, "plan", "-input=false", "-no-color", "-detailed-exitcode"); err != nil {
		return err
	}
	key, err := d.backendKey(ctx)
	if err != nil {
		return err
	}
	say("\n==> what is there now, seen from outside")
	if err := d.proveApplied(ctx, key); err != nil {
		return err
	}
	if err := d.proveNoSecrets(key); err != nil {
		return err
	}
	if d.keep {
		return nil
	}
	if err := d.run(ctx, "destroy", 0, "destroy", "-auto-approve", "-input=false", "-no-color"); err != nil {
		return err
	}
	say("\n==> what is left, seen from outside")
	after, err := os.ReadFile(d.terseFile())
	if err != nil {
		return err
	}
	if !bytes.Equal(before, after) {
		return errors.New("config.terse is not what it was before the apply")
	}
	saw("config.terse is byte for byte what it was")
	return d.proveDestroyed(ctx, key)
}

func (d *demo) terseFile() string { return filepath.Join(d.workspace.Dir, "config.terse") }

// telling are the lines of the CLI's output that a person wants to see.
var telling = regexp.MustCompile(`^  # |^Plan: |^Apply complete|^Destroy complete|^No changes|^Warning: |: (Creation|Destruction|Modifications) complete|^Error: `)

// run runs the CLI and shows the telling lines of what it printed.
func (d *demo) run(ctx context.Context, title string, wantExit int, arguments ...string) error {
	say("\n==> %s %s", filepath.Base(d.workspace.CLI), title)
	result, err := d.workspace.Run(ctx, arguments...)
	if err != nil {
		return err
	}
	d.outputs = append(d.outputs, result.Output)
	for line := range strings.Lines(result.Output) {
		line = strings.TrimPrefix(strings.TrimPrefix(strings.TrimRight(line, "\r\n"), "│ "), "╷")
		if telling.MatchString(line) && !strings.Contains(line, "development overrides") {
			say("    %s", strings.TrimPrefix(line, "  # "))
		}
	}
	if result.ExitCode != wantExit {
		return fmt.Errorf("%s ended with %d, not %d:\n%s", arguments[0], result.ExitCode, wantExit, result.Output)
	}
	return nil
}

// backendKey reads the new key where an operator would.
func (d *demo) backendKey(ctx context.Context) (secret.String, error) {
	result, err := d.workspace.Run(ctx, "output", "-raw", "backend_key")
	if err != nil {
		return secret.String{}, err
	}
	if result.ExitCode != 0 {
		return secret.String{}, fmt.Errorf("read the key: %s", result.Output)
	}
	return secret.New(strings.TrimSpace(result.Output)), nil
}

func (d *demo) sayHowToPlay() {
	say("\nAll of it was so, and is left up. To play with it:\n")
	fmt.Print(d.playground.Exports())
	for _, setting := range d.workspace.Environment {
		if name, value, _ := strings.Cut(setting, "="); strings.HasPrefix(name, "TF_") {
			say("export %s='%s'", name, value)
		}
	}
	say("cd %s", d.workspace.Dir)
	say("%s plan\n\n'make demo-stop' ends it.", filepath.Base(d.workspace.CLI))
}
