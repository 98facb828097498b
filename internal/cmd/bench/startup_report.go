// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

const (
	startupHeading = "\n## Start-up and size\n"

	// mostStartup is how many times as long as the empty provider this one may take, mostSize what its binary may weigh.
	mostStartup = 1.2
	mostSize    = 60
)

// startupReport is the guide's part about the start-up and the size.
type startupReport struct {
	Machine         machine
	Starts          int
	Moments         []moment
	Size, EmptySize string
	Targets         []target
}

// moment is a line of its table.
type moment struct{ What, Ours, Empty, Ratio string }

func (o options) newStartupReport(ctx context.Context, builtFrom string) (startupReport, error) {
	on, err := describeHardware(o.provider)
	if err != nil {
		return startupReport{}, err
	}
	on.Commit = builtFrom
	r := startupReport{Machine: on, Starts: o.starts}
	size, err := megabytes(o.provider)
	if err != nil {
		return r, err
	}
	emptySize, err := megabytes(o.empty)
	if err != nil {
		return r, err
	}
	ours, empty, err := o.measureStartup(ctx)
	if err != nil {
		return r, err
	}
	r.Size, r.EmptySize = fmt.Sprintf("%.1f MB", size), fmt.Sprintf("%.1f MB", emptySize)
	ratio := r.compare(ours, empty)
	r.Targets = []target{
		target{Aim: "start-up until configured ≤ 1.2 × that of an empty provider"}.judge(ratio, mostStartup, "%.2f ×"),
		target{Aim: "the binary ≤ 60 MB"}.judge(size, mostSize, "%.1f MB"),
	}
	return r, nil
}

// compare fills the table, and gives the ratio of its last line.
func (r *startupReport) compare(ours, empty []startup) (ratio float64) {
	for _, line := range []struct {
		what string
		of   func(startup) time.Duration
	}{
		{"handshake", func(s startup) time.Duration { return s.handshake }},
		{"schemas answered", func(s startup) time.Duration { return s.schema }},
		{"configured", func(s startup) time.Duration { return s.configured }},
	} {
		own, other := medianOf(ours, line.of), medianOf(empty, line.of)
		ratio = own.Seconds() / other.Seconds()
		r.Moments = append(r.Moments, moment{line.what, milliseconds(own), milliseconds(other), fmt.Sprintf("%.2f ×", ratio)})
	}
	return ratio
}

func medianOf(all []startup, of func(startup) time.Duration) time.Duration {
	times := make([]time.Duration, len(all))
	for i, one := range all {
		times[i] = of(one)
	}
	return middle(times)
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%.1f ms", d.Seconds()*1000) }

func megabytes(file string) (float64, error) {
	info, err := os.Stat(file)
	if err != nil {
		return 0, fmt.Errorf("look at a binary's size: %w", err)
	}
	return float64(info.Size()) / 1e6, nil
}

// finish prints the part, and puts it into the guide of a checkout in place of the one before.
func (r startupReport) finish(out io.Writer, root string) error {
	var part bytes.Buffer
	if err := page.ExecuteTemplate(&part, "startup", r); err != nil {
		return err
	}
	if _, err := out.Write(part.Bytes()); err != nil || root == "" {
		return err
	}
	content, err := os.ReadFile(filepath.Join(root, "docs", "guides", guideName))
	if err != nil {
		return fmt.Errorf("read the guide: %w", err)
	}
	// It is the guide's last part.
	rest, _, _ := bytes.Cut(content, []byte(startupHeading))
	return writeGuide(root, append(bytes.TrimRight(rest, "\n"), append([]byte("\n"), part.Bytes()...)...))
}
