// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Command bench measures what the provider costs with many read-only roles, beside what the CLI costs by itself, on a
// private server. It prints the tables and writes the guide that holds them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// options say what is measured.
type options struct {
	// provider is the provider's binary.
	provider string
	// roles are the numbers of roles, ascending.
	roles []int
	// delays are added to each round trip to the server. The first is what all targets but one are about.
	delays []time.Duration
	// lengths are the sizes of the maps that are measured.
	lengths []int
	// runs is how often everything is measured.
	runs int
	// peers is a folder with the binaries of the usual providers of databases; empty for none.
	peers string
	// empty is a provider that offers nothing, and starts how often each of the two is started; startupOnly leaves all else out.
	empty       string
	starts      int
	startupOnly bool
	// write is the checkout whose guide is written; empty for none.
	write string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command(ctx, os.Args[1:])
	stop()
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func command(ctx context.Context, arguments []string) error {
	chosen, err := parse(arguments)
	if err != nil {
		return err
	}
	if err := clearEnvironment(); err != nil {
		return err
	}
	return run(ctx, chosen, os.Stdout, os.Stderr)
}

func parse(arguments []string) (options, error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	roles := flags.String("roles", "10,50,200", "numbers of roles")
	peers := flags.String("peer", "", "a folder with terraform-provider-postgresql, terraform-provider-mysql, or both, to measure against")
	delays := flags.String("delays", "0s,20ms", "what is added to a round trip to the server")
	runs := flags.Int("runs", 5, "how often everything is measured")
	provider := flags.String("provider", filepath.Join("bin", "terraform-provider-terrascale"), "the provider's binary")
	empty := flags.String("empty", filepath.Join("bin", "emptyprovider"), "a provider that offers nothing, for the start-up")
	starts := flags.Int("starts", 40, "how often each of the two is started")
	startupOnly := flags.Bool("startup", false, "measure only the start-up and the binary's size")
	root := flags.String("root", ".", "the checkout whose guide is written")
	lists := flags.Bool("lists", true, "measure long maps of grants and entries, too")
	write := flags.Bool("write", true, "write the guide, not only the tables to the terminal")
	if err := flags.Parse(arguments); err != nil {
		return options{}, err
	}
	o := options{runs: *runs, starts: *starts, startupOnly: *startupOnly}
	for text := range strings.SplitSeq(*roles, ",") {
		number, err := strconv.Atoi(text)
		if err != nil || number < 1 {
			return options{}, fmt.Errorf("-roles: %q is no number of roles", text)
		}
		o.roles = append(o.roles, number)
	}
	slices.Sort(o.roles)
	for text := range strings.SplitSeq(*delays, ",") {
		delay, err := time.ParseDuration(text)
		if err != nil || delay < 0 {
			return options{}, fmt.Errorf("-delays: %q is no duration", text)
		}
		o.delays = append(o.delays, delay)
	}
	slices.Sort(o.delays)
	if o.runs < 1 || o.starts < 1 {
		return options{}, errors.New("-runs, -starts: measure at least once")
	}
	var err error
	if o.provider, err = filepath.Abs(*provider); err != nil {
		return options{}, err
	}
	if o.empty, err = filepath.Abs(*empty); err != nil {
		return options{}, err
	}
	if *peers != "" {
		if o.peers, err = filepath.Abs(*peers); err != nil {
			return options{}, err
		}
	}
	if *lists {
		o.lengths = lengths
	}
	if *write {
		o.write = *root
	}
	return o, nil
}

// clearEnvironment takes away what would make the CLI or the provider do something else than it is asked.
func clearEnvironment() error {
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		isTheirs := strings.HasPrefix(name, "PG") || strings.HasPrefix(name, "TF_") || strings.HasPrefix(name, "TERRASCALE_")
		if !isTheirs || name == "TF_ACC_TERRAFORM_PATH" {
			continue
		}
		if err := os.Unsetenv(name); err != nil {
			return fmt.Errorf("clear %s: %w", name, err)
		}
	}
	return nil
}
