// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package listing makes list resources, for terraform query (Terraform 1.14 and newer): what is found is imported and read by the resource itself,
// so that a list and an import never differ.
package listing

import (
	"context"
	"fmt"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// pattern is the filter that all lists have.
const pattern = "name_pattern"

// Item is something that exists.
type Item struct {
	// ID is what the resource is imported by, and Name what people call it.
	ID, Name string
}

// Kind is a kind of resource that can be listed.
type Kind struct {
	TypeName, Description string
	// Filters are the attributes of the list beside name_pattern.
	Filters map[string]schema.Attribute
	// Resource makes the resource.
	Resource func() resource.Resource
	// Leaves reports whether something that was read can't be written as a configuration, and is left out; nil: nothing is.
	Leaves func(ctx context.Context, state tfsdk.State) bool
	// Find gives what there is, in an order that stays.
	Find func(ctx context.Context, data *providerdata.Data, config tfsdk.Config) ([]Item, diag.Diagnostics)
}

// listed is a resource that can be listed.
type listed interface {
	resource.ResourceWithConfigure
	resource.ResourceWithImportState
	resource.ResourceWithIdentity
}

var _ list.ListResourceWithConfigure = (*List)(nil)

// List is a list resource.
type List struct {
	kind Kind
	data *providerdata.Data
}

// Of makes the constructor of a kind's list resource.
func Of(kind Kind) func() list.ListResource {
	return func() list.ListResource { return &List{kind: kind} }
}

// Metadata names the list as its resource.
func (l *List) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = l.kind.TypeName
}

// Configure takes the provider's data.
func (l *List) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	l.data = diagnostic.ProviderData(req.ProviderData, &resp.Diagnostics)
}

// ListResourceConfigSchema describes the list.
func (l *List) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	attributes := map[string]schema.Attribute{
		pattern: schema.StringAttribute{
			MarkdownDescription: "Lists only those whose name matches this regular expression (RE2), such as `^prod-`.", Optional: true,
			Validators: []validator.String{expression{}},
		},
	}
	for name, attribute := range l.kind.Filters {
		attributes[name] = attribute
	}
	resp.Schema = schema.Schema{MarkdownDescription: l.kind.Description, Attributes: attributes}
}

// List finds what there is, and has the resource read it.
func (l *List) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var matching types.String
	diagnostics := req.Config.GetAttribute(ctx, path.Root(pattern), &matching)
	if diagnostics.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diagnostics)
		return
	}
	expression, err := regexp.Compile(matching.ValueString())
	if err != nil {
		diagnostics.AddAttributeError(path.Root(pattern), diagnostic.InvalidRegularExpression, err.Error())
		stream.Results = list.ListResultsStreamDiagnostics(diagnostics)
		return
	}
	items, found := l.kind.Find(ctx, l.data, req.Config)
	if found.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(found)
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		left := req.Limit
		for _, item := range items {
			if !expression.MatchString(item.Name) {
				continue
			}
			if req.Limit > 0 && left == 0 {
				return
			}
			result, isThere := l.result(ctx, req, item)
			if !isThere {
				continue
			}
			left--
			if !push(result) {
				return
			}
		}
	}
}

// result has the resource import an item, and read it where that is asked for. What is gone by then is left out.
func (l *List) result(ctx context.Context, req list.ListRequest, item Item) (result list.ListResult, isThere bool) {
	result = req.NewListResult(ctx)
	result.DisplayName = item.Name
	made, isListed := l.kind.Resource().(listed)
	if !isListed {
		panic(fmt.Sprintf("%s can't be imported, or has no identity", l.kind.TypeName))
	}
	configured := resource.ConfigureResponse{}
	made.Configure(ctx, resource.ConfigureRequest{ProviderData: l.data}, &configured)
	none := tfsdk.State{Raw: tftypes.NewValue(req.ResourceSchema.Type().TerraformType(ctx), nil), Schema: req.ResourceSchema}
	imported := resource.ImportStateResponse{State: none, Identity: result.Identity}
	fill(&imported.Private)
	made.ImportState(ctx, resource.ImportStateRequest{ID: item.ID}, &imported)
	if imported.Diagnostics.HasError() {
		result.Diagnostics = errorsOf(imported.Diagnostics)
		return result, true
	}
	if !req.IncludeResource && l.kind.Leaves == nil {
		return result, true
	}
	read := resource.ReadResponse{State: imported.State, Identity: result.Identity, Private: imported.Private}
	made.Read(ctx, resource.ReadRequest{State: imported.State, Identity: imported.Identity, Private: imported.Private}, &read)
	// What a refresh warns of, it will say again once the resource is managed.
	result.Diagnostics = errorsOf(read.Diagnostics)
	if !result.Diagnostics.HasError() && (read.State.Raw.IsNull() || l.kind.Leaves != nil && l.kind.Leaves(ctx, read.State)) {
		return result, false
	}
	if req.IncludeResource {
		result.Resource.Raw = read.State.Raw
	}
	return result, true
}

// fill makes the value that a pointer is to lead to: the framework's type has no name outside of it.
func fill[T any](pointer **T) { *pointer = new(T) }

func errorsOf(diagnostics diag.Diagnostics) diag.Diagnostics {
	var errors diag.Diagnostics
	errors.Append(diagnostics.Errors()...)
	return errors
}

// expression refuses what is no regular expression.
type expression struct{}

// Description says what is asked for.
func (expression) Description(context.Context) string {
	return "The value is a regular expression (RE2)."
}

// MarkdownDescription says what is asked for.
func (e expression) MarkdownDescription(ctx context.Context) string { return e.Description(ctx) }

// ValidateString compiles it.
func (expression) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if _, err := regexp.Compile(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, diagnostic.InvalidRegularExpression, err.Error())
	}
}

// Text is an optional text attribute of a list.
func Text(description string, validators ...validator.String) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Optional: true, Validators: validators}
}

// Written gives a text attribute of a list's configuration; fallback where it is not written.
func Written(ctx context.Context, config tfsdk.Config, name, fallback string) string {
	var value types.String
	if config.GetAttribute(ctx, path.Root(name), &value).HasError() || value.IsNull() {
		return fallback
	}
	return value.ValueString()
}
