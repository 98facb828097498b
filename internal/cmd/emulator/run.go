// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// shutdownTime is how long running requests may take to end.
const shutdownTime = 5 * time.Second

type settings struct {
	listen      string
	allowRemote bool
	data, seed  string
	printToken  bool
	quiet       bool
}

// run serves until ctx ends.
func run(ctx context.Context, arguments []string, out, logs io.Writer) error {
	chosen, err := parse(arguments, logs)
	if err != nil {
		return err
	}
	seed := emulator.DefaultSeed()
	if chosen.seed != "" {
		if seed, err = emulator.ReadSeedFile(chosen.seed); err != nil {
			return err
		}
	}
	options := emulator.Options{Address: chosen.listen, DataFile: chosen.data, Seed: &seed, Outbox: out}
	if !chosen.quiet {
		options.Logger = slog.New(slog.NewTextHandler(logs, nil))
	}
	server, err := emulator.New(options)
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return errors.Join(err, server.Close())
	}
	if err := greet(out, server, seed, chosen); err != nil {
		return errors.Join(err, server.Close())
	}
	<-ctx.Done()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	return server.Shutdown(grace)
}

func parse(arguments []string, usage io.Writer) (settings, error) {
	var chosen settings
	flags := flag.NewFlagSet("emulator", flag.ContinueOnError)
	flags.SetOutput(usage)
	flags.StringVar(&chosen.listen, "listen", "127.0.0.1:8787", "address and port to listen on")
	flags.BoolVar(&chosen.allowRemote, "allow-remote", false, "let --listen name an address that other machines reach")
	flags.StringVar(&chosen.data, "data", "", "file to keep the state in; without it the state ends with the process")
	flags.StringVar(&chosen.seed, "seed", "", "YAML or JSON file to begin with, where there is no data file yet")
	flags.BoolVar(&chosen.printToken, "print-token", false, "print a fresh access token of the seed's first owner")
	flags.BoolVar(&chosen.quiet, "quiet", false, "do not log requests")
	if err := flags.Parse(arguments); err != nil {
		return settings{}, err
	}
	if flags.NArg() > 0 {
		return settings{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if !chosen.allowRemote && !isLoopback(chosen.listen) {
		return settings{}, fmt.Errorf("--listen %s is not a loopback address: the emulator protects nothing; "+
			"use 127.0.0.1, or add --allow-remote if other machines really must reach it", chosen.listen)
	}
	return chosen, nil
}

func isLoopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// greet says what this is, and what to export to use it.
func greet(out io.Writer, server *emulator.Server, seed emulator.Seed, chosen settings) error {
	text := "This is an emulator of the TerraScale API. It is not the service: nothing here exists anywhere else.\n" +
		"Stop it with Ctrl-C. To point the provider at it:\n\n" +
		"  export TERRASCALE_ENDPOINT=" + server.URL() + "\n"
	if chosen.printToken {
		exports, err := tokenExports(server, seed)
		if err != nil {
			return err
		}
		text += exports
	} else {
		text += "\nand log in with a user of the seed, or start with --print-token to get an access token.\n"
	}
	_, err := fmt.Fprintln(out, text)
	return err
}

func tokenExports(server *emulator.Server, seed emulator.Seed) (string, error) {
	if len(seed.Organizations) == 0 || len(seed.Organizations[0].Members) == 0 {
		return "", errors.New("--print-token needs a seed with an organization")
	}
	first := seed.Organizations[0]
	organization, err := findOrganization(server, first)
	if err != nil {
		return "", err
	}
	token, err := server.IssueToken(first.Members[0].Email, organization.ID)
	if err != nil {
		return "", err
	}
	return "  export TERRASCALE_ACCESS_TOKEN=" + token.Reveal() + "\n" +
		"  export TERRASCALE_ORGANIZATION_ID=" + organization.ID + "\n", nil
}

// findOrganization looks the seed's organization up in the state, which may be an older one from a data file.
func findOrganization(server *emulator.Server, wanted emulator.SeedOrganization) (emulator.Organization, error) {
	if organization, found := server.Organization(wanted.ID); found {
		return organization, nil
	}
	if organization, found := server.OrganizationBySlug(wanted.EffectiveSlug()); found {
		return organization, nil
	}
	return emulator.Organization{}, fmt.Errorf("--print-token: the data file has no organization %q of the seed", wanted.Name)
}
