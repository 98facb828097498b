// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"filippo.io/age"
	"github.com/joho/godotenv"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/recipients"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/terraformcli"
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
	environment := maps.Clone(d.playground.Environment)
	environment["TF_VAR_database"] = fmt.Sprintf(`{"host": %q, "port": %s, "ca_file": %q}`,
		environment["PGHOST"], environment["PGPORT"], environment["PGSSLROOTCERT"])
	environment["TF_VAR_runner_address"] = "127.0.0.1"
	environment["TF_VAR_overlap"] = overlap.String()
	reader, err := age.GenerateX25519Identity()
	if err != nil {
		return fmt.Errorf("make a key for the secrets in the state: %w", err)
	}
	d.identity = secret.New(reader.String())
	environment["TF_VAR_age_recipient"], environment["TF_VAR_age_identity"] = reader.Recipient().String(), reader.String()
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
	if err := d.run(ctx, "plan, again: no changes", 0, "plan", "-input=false", "-no-color", "-detailed-exitcode"); err != nil {
		return err
	}
	first, err := d.credentials(ctx)
	if err != nil {
		return err
	}
	say("\n==> check from outside: what is there now")
	if err := d.proveApplied(ctx, first); err != nil {
		return err
	}
	if d.keep {
		return d.proveNoSecrets(first)
	}
	if err := d.proveSlip(ctx, first); err != nil {
		return err
	}
	second, err := d.rotate(ctx, first)
	if err != nil {
		return err
	}
	if err := d.proveNoSecrets(first, second); err != nil {
		return err
	}
	if err := d.run(ctx, "destroy", 0, "destroy", "-auto-approve", "-input=false", "-no-color"); err != nil {
		return err
	}
	say("\n==> check from outside: what is left")
	after, err := os.ReadFile(d.terseFile())
	if err != nil {
		return err
	}
	if !bytes.Equal(before, after) {
		return errors.New("config.terse is not what it was before the apply")
	}
	saw("config.terse is what it was before, byte for byte")
	return d.proveDestroyed(ctx, second)
}

func (d *demo) terseFile() string { return filepath.Join(d.workspace.Dir, "config.terse") }

// telling are the lines of the CLI's output that a person wants to see.
var telling = regexp.MustCompile(`^  # [^(]|^Plan: |^Apply complete|^Destroy complete|^No changes|^Warning: |: (Creation|Destruction|Modifications) complete|^Error: `)

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

// credentials are what an application was given: a key, and the way to the database.
type credentials struct {
	key, database secret.String
	// username is whom the database knows.
	username string
}

// credentials reads the key as an operator would, who has the age identity, and the way to the database where the gateway does.
func (d *demo) credentials(ctx context.Context) (credentials, error) {
	result, err := d.workspace.Run(ctx, "output", "-raw", "backend_key")
	if err != nil {
		return credentials{}, err
	}
	if result.ExitCode != 0 {
		return credentials{}, fmt.Errorf("read the key: %s", result.Output)
	}
	key, err := recipients.Decrypt(result.Output, d.identity.Reveal())
	if err != nil {
		return credentials{}, fmt.Errorf("read the key: %w", err)
	}
	variables, err := godotenv.Read(filepath.Join(d.workspace.Dir, ".env"))
	if err != nil {
		return credentials{}, fmt.Errorf("read .env: %w", err)
	}
	address, err := url.Parse(variables["DATABASE_URL"])
	if err != nil {
		return credentials{}, errors.New("DATABASE_URL in .env is no URL")
	}
	password, _ := address.User.Password()
	d.passwords = append(d.passwords, secret.New(password))
	return credentials{
		key: key, database: secret.New(variables["DATABASE_URL"]), username: address.User.Username(),
	}, nil
}

func (d *demo) sayHowToPlay() {
	say("\nAll checks passed. Everything is still running. %s\nTo play with it, run in a shell:\n", d.seen)
	fmt.Print(d.playground.Exports())
	for _, setting := range d.workspace.Environment {
		if name, value, _ := strings.Cut(setting, "="); strings.HasPrefix(name, "TF_") {
			say("export %s='%s'", name, value)
		}
	}
	say("cd %s", d.workspace.Dir)
	say("%s plan\n\nTo stop it: make demo-stop", filepath.Base(d.workspace.CLI))
}
