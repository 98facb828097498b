// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// The provider's plugin process, which Terraform and OpenTofu start.
package main

//go:generate go run ./internal/cmd/licenses -out THIRD_PARTY_LICENSES.md

import (
	"context"
	"flag"
	"log"
	"os"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/terrascale/terraform-provider-terrascale/internal/journal"
	"github.com/terrascale/terraform-provider-terrascale/internal/provider"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
	"github.com/terrascale/terraform-provider-terrascale/internal/review/plan"
)

// version is set when a release is built.
var version = "dev"

// endTimeout is within the two seconds that Terraform gives a provider to end by itself.
const endTimeout = 1500 * time.Millisecond

func main() {
	if len(os.Args) > 1 && os.Args[1] == plan.CommandName {
		os.Exit(plan.Command(os.Args[2:], os.Stdin, os.Stdout, os.Stderr))
	}
	isDebugged := flag.Bool("debug", false, "serve for a debugger to attach to")
	flag.Parse()
	if err := quietSDK(); err != nil {
		log.Fatal(err)
	}
	collectLessOften()
	var open providerdata.Open
	var remembered *journal.Journal
	if !*isDebugged { // A provider that is debugged outlives the runs, and serves them from a folder of its own.
		remembered = journal.New(journal.Place(os.Getenv("TF_DATA_DIR"), os.Getenv("TF_WORKSPACE")), tflog.Warn)
	}
	constructor := provider.New(version, provider.WithOpen(&open), provider.WithJournal(remembered))
	err := providerserver.Serve(context.Background(), constructor, providerserver.ServeOpts{
		Address: "registry.terraform.io/terrascale/terrascale",
		Debug:   *isDebugged,
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := remembered.Close(); err != nil {
		log.Print("end the journal: ", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), endTimeout)
	defer cancel()
	if err := open.End(ctx); err != nil {
		log.Print("end what a failed run left open: ", err)
	}
}
