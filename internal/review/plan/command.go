// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plan

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// CommandName is what the provider's binary is called with.
const CommandName = "plan-review"

// The command's exit codes.
const (
	exitFine = iota
	exitFailed
	exitBroken
)

// Command reads a plan, writes its review, and gives the exit code: 0 when all is fine, 1 when the plan can't be read or the flags are
// wrong, 2 when a rule of -fail-on is broken.
func Command(arguments []string, input io.Reader, output, messages io.Writer) int {
	fail := func(err error) int {
		_, _ = fmt.Fprintf(messages, "%s: %s\n", CommandName, err)
		return exitFailed
	}
	flags := flag.NewFlagSet(CommandName, flag.ContinueOnError)
	flags.SetOutput(messages)
	failOn := flags.String("fail-on", "", "end with 2 when a planned resource breaks one of these `rules`, with commas between them: "+strings.Join(RuleNames(), ", "))
	format := flags.String("format", "markdown", "`markdown` or json")
	flags.Usage = func() {
		_, _ = fmt.Fprintf(messages, "Tells in words what a plan changes about access.\n\n"+
			"  terraform show -json tfplan | terraform-provider-terrascale %s [flags]\n\n", CommandName)
		flags.PrintDefaults()
	}
	if err := flags.Parse(arguments); errors.Is(err, flag.ErrHelp) {
		return exitFine
	} else if err != nil {
		return exitFailed
	}
	switch {
	case flags.NArg() > 0:
		return fail(errors.New("it reads the plan from its standard input, and takes no arguments"))
	case *format != "markdown" && *format != "json":
		return fail(fmt.Errorf("the format is markdown or json, not %q", *format))
	}
	review, err := Read(input, Options{FailOn: list(*failOn), Environment: os.Getenv("TERRASCALE_ENVIRONMENT"), Now: time.Now()})
	if err != nil {
		return fail(err)
	}
	content := []byte(review.Markdown())
	if *format == "json" {
		if content, err = review.JSON(); err != nil {
			return fail(err)
		}
	}
	if _, err := output.Write(content); err != nil {
		return fail(fmt.Errorf("write the review: %w", err))
	}
	if len(review.BrokenRules) > 0 {
		return exitBroken
	}
	return exitFine
}

// list gives what stands between commas.
func list(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}
