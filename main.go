// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// The provider's plugin process, which Terraform and OpenTofu start.
package main

import (
	"context"
	"flag"
	"log"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/terrascale/terraform-provider-terrascale/internal/provider"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// version is set when a release is built.
var version = "dev"

// endTimeout is within the two seconds that Terraform gives a provider to end by itself.
const endTimeout = 1500 * time.Millisecond

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger to attach to")
	flag.Parse()
	var open providerdata.Open
	err := providerserver.Serve(context.Background(), provider.New(version, provider.WithOpen(&open)), providerserver.ServeOpts{
		Address: "registry.terraform.io/terrascale/terrascale",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), endTimeout)
	defer cancel()
	if err := open.End(ctx); err != nil {
		log.Print("end what a failed run left open: ", err)
	}
}
