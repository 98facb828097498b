// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Command devstack runs a private PostgreSQL server and a TerraScale emulator until it is told to stop, and prints what
// to export to use them.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/gofrs/flock"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

func main() {
	file := flag.String("file", "", "write what is running to this file; only one devstack at a time uses a file")
	withStdin := flag.Bool("exit-with-stdin", false, "end when standard input ends, so that a killed parent leaves nothing")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if *withStdin {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			cancel()
		}()
	}
	if err := run(ctx, *file); err != nil {
		fmt.Fprintln(os.Stderr, "devstack:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, file string) (err error) {
	if file != "" {
		lock := flock.New(file + ".lock")
		held, err := lock.TryLock()
		if err != nil {
			return fmt.Errorf("lock %s: %w", file, err)
		}
		if !held {
			return fmt.Errorf("another devstack uses %s", file)
		}
		defer func() { _ = lock.Close() }()
	}
	stack, err := devstack.Open()
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := stack.Close(); err == nil {
			err = closeErr
		}
	}()
	playground, err := stack.Playground(ctx)
	if err != nil {
		return err
	}
	if file != "" {
		if err := playground.Write(file); err != nil {
			return err
		}
		defer func() { _ = os.Remove(file) }()
	}
	fmt.Printf("# An emulator of TerraScale (not the service) and a PostgreSQL server with a database %q are up.\n%s",
		devstack.PlaygroundDatabase, playground.Exports())
	<-ctx.Done()
	return nil
}
