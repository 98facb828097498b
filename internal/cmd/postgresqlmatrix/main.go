// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Command postgresqlmatrix runs tests on each PostgreSQL version that the provider supports. The servers come from npm,
// from the registry that npm is configured for.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

// releases are the versions to run on, by major version: the newest of each when they were pinned, so that a run of
// today's tree can be repeated. The packages' suffix counts how often a release was packed.
var releases = []release{
	{"12", "12.22.0-beta.15"},
	{"13", "13.23.0-beta.16"},
	{"14", "14.23.0-beta.17"},
	{"15", "15.18.0-beta.17"},
	{"16", "16.14.0-beta.17"},
	{"17", "17.10.0-beta.17"},
	{"18", "18.4.0-beta.17"},
}

// release is one version of the npm package.
type release struct{ major, version string }

// packages talk to PostgreSQL in their tests. They are run where none is given.
var packages = []string{
	"./internal/clients/postgresql",
	"./internal/resources/postgresqlreadonlyrole",
	"./internal/resources/postgresqlcredential",
}

func main() {
	majors := flag.String("versions", "", "major versions to run on, such as 12,16; all when left out")
	cache := flag.String("cache", "", "where the servers are kept; the user's cache folder when left out")
	flag.Usage = func() {
		_, _ = fmt.Fprintln(flag.CommandLine.Output(), "postgresqlmatrix [flags] [-- [flags of 'go test'] [packages]]")
		flag.PrintDefaults()
	}
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *majors, *cache, flag.Args())
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "postgresqlmatrix:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, majors, cache string, arguments []string) error {
	chosen, err := choose(majors)
	if err != nil {
		return err
	}
	if cache == "" {
		if cache, err = cacheDir(); err != nil {
			return err
		}
	}
	if !slices.ContainsFunc(arguments, func(argument string) bool { return strings.HasPrefix(argument, "./") }) {
		arguments = append(arguments, packages...)
	}
	var failed []string
	for _, r := range chosen {
		binaries, err := install(ctx, cache, r)
		if err != nil {
			return fmt.Errorf("PostgreSQL %s: %w", r.major, err)
		}
		passed, err := test(ctx, os.Stdout, r, binaries, arguments)
		if err != nil {
			return fmt.Errorf("PostgreSQL %s: %w", r.major, err)
		}
		if !passed {
			failed = append(failed, r.major)
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("tests fail on PostgreSQL %s", strings.Join(failed, ", "))
	}
	return nil
}

// choose gives the releases of a list of major versions, all for an empty one.
func choose(majors string) ([]release, error) {
	if majors == "" {
		return releases, nil
	}
	var chosen []release
	for major := range strings.SplitSeq(majors, ",") {
		index := slices.IndexFunc(releases, func(r release) bool { return r.major == strings.TrimSpace(major) })
		if index < 0 {
			return nil, errors.New("there is no PostgreSQL " + major + " in the matrix")
		}
		chosen = append(chosen, releases[index])
	}
	return chosen, nil
}
