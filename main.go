// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// The provider's plugin process, which Terraform and OpenTofu start.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/terrascale/terraform-provider-terrascale/internal/provider"
)

// version is set when a release is built.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger to attach to")
	flag.Parse()
	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/terrascale/terrascale",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
