// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package adapter

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
)

// places leads from an absolute path of the state to where that file is in this checkout: each path that was below the folder that
// Terraform ran in, relative to that. A path that it does not know is where it says.
type places map[string]string

// placesKey is where the private state keeps them, as JSON.
const placesKey = "places"

func readPlaces(ctx context.Context, private rotationschema.PrivateReader) (places, diag.Diagnostics) {
	content, diagnostics := private.GetKey(ctx, placesKey)
	known := places{}
	if len(content) > 0 {
		if err := json.Unmarshal(content, &known); err != nil {
			diagnostics.Append(diagnostic.PrivateStateUnreadable("where the adapter's files are", err))
		}
	}
	return known, diagnostics
}

// at gives where the file of a path is now.
func (p places) at(path string) string {
	if relative, ok := p[path]; ok {
		return filepath.FromSlash(relative)
	}
	return path
}

// isSame reports whether a path of the configuration is of the file of a path of the state.
func (p places) isSame(configured, known string) bool {
	if configured == known {
		return true
	}
	first, err := filepath.Abs(configured)
	if err != nil {
		return false
	}
	second, err := filepath.Abs(p.at(known))
	return err == nil && (first == second || hyperterse.SameFile(first, second))
}

// save keeps what the paths of a state need, where that is news.
func (p places) save(ctx context.Context, private rotationschema.PrivateWriter, paths ...string) diag.Diagnostics {
	folder, err := os.Getwd()
	if err != nil {
		return nil // Then every path is where it says.
	}
	wanted := places{}
	for _, path := range paths {
		if relative, ok := p[path]; ok {
			wanted[path] = relative
			continue
		}
		relative, err := filepath.Rel(folder, path)
		if err == nil && filepath.IsAbs(path) && filepath.IsLocal(relative) {
			wanted[path] = filepath.ToSlash(relative)
		}
	}
	if maps.Equal(p, wanted) {
		return nil
	}
	content, err := json.Marshal(wanted)
	if err != nil {
		return diag.Diagnostics{diagnostic.PrivateStateUnwritable("where the adapter's files are", err)}
	}
	return private.SetKey(ctx, placesKey, content)
}

// keepPlace plans the state's path where the configuration's is another way to write it, or that of another checkout.
type keepPlace struct{}

// Description says what it does.
func (keepPlace) Description(context.Context) string {
	return "The same file, written differently or in another checkout, is no change."
}

// MarkdownDescription says what it does.
func (k keepPlace) MarkdownDescription(ctx context.Context) string { return k.Description(ctx) }

// PlanModifyString keeps the state's path.
func (keepPlace) PlanModifyString(ctx context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if req.StateValue.IsNull() || req.PlanValue.IsUnknown() || req.PlanValue.IsNull() {
		return
	}
	known, diagnostics := readPlaces(ctx, req.Private)
	resp.Diagnostics.Append(diagnostics...)
	if known.isSame(req.PlanValue.ValueString(), req.StateValue.ValueString()) {
		resp.PlanValue = req.StateValue
	}
}

// besideProject plans the project's own .env where the configuration leaves the file out.
type besideProject struct{}

// Description says what it does.
func (besideProject) Description(context.Context) string {
	return "With project, the .env file beside .hyperterse is the default."
}

// MarkdownDescription says what it does.
func (b besideProject) MarkdownDescription(ctx context.Context) string { return b.Description(ctx) }

// PlanModifyString plans the default.
func (besideProject) PlanModifyString(ctx context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if !req.ConfigValue.IsNull() {
		return
	}
	var project types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("project"), &project)...)
	switch {
	case project.IsUnknown():
		resp.PlanValue = types.StringUnknown()
	case !project.IsNull():
		resp.PlanValue = types.StringValue(hyperterse.Project(project.ValueString()).DotenvFile())
	}
}

// fileOfPlace keeps the file that the adapter is in, where neither its place nor its name changes.
type fileOfPlace struct{}

// Description says what it does.
func (fileOfPlace) Description(context.Context) string {
	return "The file stays, unless the adapter's place or name changes."
}

// MarkdownDescription says what it does.
func (f fileOfPlace) MarkdownDescription(ctx context.Context) string { return f.Description(ctx) }

// PlanModifyString keeps the state's file.
func (fileOfPlace) PlanModifyString(ctx context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if req.State.Raw.IsNull() || req.Plan.Raw.IsNull() {
		return
	}
	var state, config model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	known, diagnostics := readPlaces(ctx, req.Private)
	resp.Diagnostics.Append(diagnostics...)
	if resp.Diagnostics.HasError() {
		return
	}
	isKept := config.isPlaceKnown() && config.Name.Equal(state.Name) && config.Project.IsNull() == state.Project.IsNull() &&
		known.isSame(config.Project.ValueString(), state.Project.ValueString()) &&
		known.isSame(config.ConfigFile.ValueString(), state.ConfigFile.ValueString())
	if isKept {
		resp.PlanValue = req.StateValue
	}
}
