// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package adapter

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/listing"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// NewList makes the list resource: the adapters of a project, or of a file.
var NewList = listing.Of(listing.Kind{
	TypeName:    TypeName,
	Description: "Lists the adapters of a Hyperterse project, or of a `.terse` file of version 1: managed or made by hand.",
	Filters: map[string]schema.Attribute{
		"project":     listing.Text("Path of the folder of `.hyperterse` (Hyperterse 2). Write this or `config_file`."),
		"config_file": listing.Text("Path of the `.terse` file (Hyperterse 1)."),
	},
	Resource: New,
	Find:     findAdapters,
})

func findAdapters(ctx context.Context, data *providerdata.Data, config tfsdk.Config) ([]listing.Item, diag.Diagnostics) {
	var written model
	var diagnostics diag.Diagnostics
	diagnostics.Append(config.GetAttribute(ctx, path.Root("project"), &written.Project)...)
	diagnostics.Append(config.GetAttribute(ctx, path.Root("config_file"), &written.ConfigFile)...)
	if diagnostics.HasError() {
		return nil, diagnostics
	}
	if written.Project.IsNull() == written.ConfigFile.IsNull() {
		diagnostics.AddError("No project or config_file to list", "Write either project (Hyperterse 2) or config_file (Hyperterse 1).")
		return nil, diagnostics
	}
	names, err := data.Places.Share(written.place(nil)).Names()
	if err != nil {
		return nil, diag.Diagnostics{diagnostic.Hyperterse(written.placeAt(), "Unable to list adapters", err)}
	}
	place := written.Project
	if place.IsNull() {
		place = written.ConfigFile
	}
	items := make([]listing.Item, len(names))
	for i, name := range names {
		items[i] = listing.Item{ID: place.ValueString() + "#" + name, Name: name}
	}
	return items, nil
}
