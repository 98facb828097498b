// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Command demo shows the provider's main job, end to end, on real parts: it applies examples/quickstart with the
// Terraform or OpenTofu on PATH against a private PostgreSQL server and an emulator, and proves the result from outside.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	keep := flag.Bool("keep", false, "apply, do not destroy, leave everything up, and print what to export to play with it")
	stop := flag.Bool("stop", false, "end what an earlier run left up")
	root := flag.String("root", ".", "the checkout")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := run(ctx, *root, *keep, *stop); err != nil {
		fmt.Fprintln(os.Stderr, "\ndemo failed:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, root string, keep, stop bool) error {
	absolute, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	d := &demo{root: absolute, dir: filepath.Join(absolute, ".demo"), keep: keep}
	if err := d.stopEarlier(ctx); err != nil {
		return err
	}
	if stop {
		say("The demo is stopped.")
		return nil
	}
	if err := d.prepare(ctx); err != nil {
		return err
	}
	defer d.close()
	if err := d.play(ctx); err != nil {
		return err
	}
	if keep {
		d.sayHowToPlay()
		return nil
	}
	say("\nAll checks passed. %s", d.seen)
	return nil
}

// say prints a line for the person who watches.
func say(format string, arguments ...any) { fmt.Printf(format+"\n", arguments...) }

// saw prints one thing that was proved.
func saw(format string, arguments ...any) { fmt.Printf("    ok  "+format+"\n", arguments...) }
