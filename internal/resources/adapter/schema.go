// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package adapter

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/adapterschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/policyschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

// description is the page's first sentence; what follows the arguments is in templates/behaviour.
const description = "Manages an adapter, a named database connection of a Hyperterse gateway, and the variable in its `.env` file " +
	"that the connection string refers to."

// Schema describes the resource.
func (r *Resource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Version:             0, // Counted up with each change that an older state does not fit (TestStatesOfEveryVersionAreApplied).
		MarkdownDescription: description,
		Attributes: map[string]schema.Attribute{
			policyschema.Name: policyschema.Attribute(policy.UnverifiedTLS),
			"project": schema.StringAttribute{
				MarkdownDescription: "Hyperterse 2: the folder that holds `.hyperterse`. The adapter is a file of its own there, `NAME.terse`, " +
					"below `app/adapters` or wherever `root` and `adapters.directory` of `.hyperterse` say. Exactly one of `project` and " +
					"`config_file` is to be set; a change from one to the other moves the adapter, as a change of the path does.",
				Optional: true,
				Validators: []validator.String{
					stringvalidator.LengthAtLeast(1),
					stringvalidator.ExactlyOneOf(path.MatchRoot("project"), path.MatchRoot("config_file")),
				},
				PlanModifiers: []planmodifier.String{keepPlace{}},
			},
			"config_file": schema.StringAttribute{
				MarkdownDescription: "Hyperterse 1: path of the `.terse` file, with adapters and queries in it. A relative path counts from where Terraform runs. An absolute path " +
					"below that folder (`abspath`, `path.cwd`) may differ from one checkout to the next. A change moves the adapter: it is " +
					"made in the new file, then removed from the old one.",
				Optional:      true,
				Validators:    []validator.String{stringvalidator.LengthAtLeast(1)},
				PlanModifiers: []planmodifier.String{keepPlace{}},
			},
			"file": schema.StringAttribute{
				MarkdownDescription: "The file that the adapter is in.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{fileOfPlace{}},
			},
			"name": schema.StringAttribute{
				MarkdownDescription: "Name of the adapter: a letter, then letters, digits, `_` and `-`. A change renames the adapter " +
					"in place, and in a project its file, unless the file says the name itself. Change the queries and tools that " +
					"name it in `use` yourself: the plan lists them.",
				Required:   true,
				Validators: []validator.String{adapterschema.Name},
			},
			"connector": schema.StringAttribute{
				MarkdownDescription: "The kind of database: `postgres`, `mysql`, `redis` or `mongodb`.",
				Required:            true,
				Validators:          []validator.String{adapterschema.Connector},
			},
			"connection_string": schema.StringAttribute{
				MarkdownDescription: "How to connect. `{{ env.NAME }}` stands for a variable of the gateway's environment, any number " +
					"of times; a password must be such a reference, or part of one.",
				Required: true,
			},
			"options": schema.MapAttribute{
				MarkdownDescription: "Driver parameters, which Hyperterse appends to the connection string (for `redis` it ignores " +
					"them). A name that the driver does not know is a warning.",
				Optional: true, ElementType: types.StringType,
				Validators: []validator.Map{
					mapvalidator.NoNullValues(), mapvalidator.KeysAre(stringvalidator.LengthAtLeast(1)),
				},
			},
			"dotenv": dotenvAttribute(),
		},
	}
}

func dotenvAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "A variable to fill in where Hyperterse reads it.",
		Optional:            true,
		Attributes: map[string]schema.Attribute{
			"file": schema.StringAttribute{
				MarkdownDescription: "Path of the `.env` file. With `project` the default is the one beside `.hyperterse`, which Hyperterse 2 reads; " +
					"with `config_file` it is required: Hyperterse 1 reads the one in the folder that it is started in.",
				Optional: true, Computed: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				PlanModifiers: []planmodifier.String{besideProject{}, keepPlace{}},
			},
			"variable": schema.StringAttribute{
				MarkdownDescription: "Name of the variable. One that is set already, to another value, is an error: import the adapter to " +
					"take it over, or remove the variable.",
				Required: true, Validators: []validator.String{adapterschema.Variable},
			},
			"value_wo": schema.StringAttribute{
				MarkdownDescription: "The variable's value, write-only: it is in no plan and no state.",
				Required:            true, Sensitive: true, WriteOnly: true,
			},
			"value_wo_version": schema.Int64Attribute{
				MarkdownDescription: "Change it to have `value_wo` written again: Terraform can't see a change of a write-only value.",
				Required:            true,
			},
		},
	}
}
