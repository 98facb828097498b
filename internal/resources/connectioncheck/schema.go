// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package connectioncheck

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/adapterschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
)

// description is the page's first sentence; what follows the arguments is in templates/behaviour.
const description = "Opens an adapter's connection as the gateway would. It tells whether that works, whether TLS was verified, " +
	"whom the server takes the login for, and what that login can write."

// Schema describes the data source.
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	flag := func(description string) schema.BoolAttribute {
		return schema.BoolAttribute{MarkdownDescription: description, Computed: true}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: description,
		Attributes: map[string]schema.Attribute{
			"connector": schema.StringAttribute{
				MarkdownDescription: "The kind of database, as in an adapter: `postgres`, `mysql`, `redis` or `mongodb`.",
				Required:            true, Validators: []validator.String{adapterschema.Connector},
			},
			"connection_string": schema.StringAttribute{
				MarkdownDescription: "How to connect, as in an adapter: a password must be a reference, `{{ env.NAME }}`, or part of one.",
				Required:            true,
			},
			"options": schema.MapAttribute{
				MarkdownDescription: "Driver parameters, as in an adapter. They are appended to the connection string as Hyperterse does " +
					"it, so that one that the server does not take shows as `error`. For `redis` they are left out.",
				Optional: true, ElementType: types.StringType,
				Validators: []validator.Map{mapvalidator.NoNullValues(), mapvalidator.KeysAre(stringvalidator.LengthAtLeast(1))},
			},
			"dotenv_file": schema.StringAttribute{
				MarkdownDescription: "Path of a `.env` file that references are filled in from; a relative one counts from where Terraform runs. As in Hyperterse, a variable that the " +
					"environment of the run has is taken from there.",
				Optional: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"project": schema.StringAttribute{
				MarkdownDescription: "Hyperterse 2: the folder of `.hyperterse`, in place of `dotenv_file`. References are filled in from the file that " +
					"Hyperterse reads there: the first of `.env.local`, `.env.development` and `.env`.",
				Optional: true,
				Validators: []validator.String{
					stringvalidator.LengthAtLeast(1), stringvalidator.ConflictsWith(path.MatchRoot("dotenv_file")),
				},
			},
			"timeout": schema.StringAttribute{
				MarkdownDescription: "How long the server may take to answer all questions. At least 100 ms. Default `5s`.",
				Optional:            true, CustomType: customtypes.DurationType{},
				Validators: []validator.String{customtypes.DurationAtLeast(leastTimeout)},
			},
			"reachable": flag("Whether a connection could be opened and the server answered."),
			"error": text("Why it could not, or (with `reachable = true`) why it can't be told what the login may write. Passwords are " +
				"replaced by `(redacted)`; a text that holds one that is short or a word is left out. Null without an error."),
			"tls": schema.SingleNestedAttribute{
				MarkdownDescription: "How the connection is encrypted; null for one in clear.", Computed: true,
				Attributes: map[string]schema.Attribute{
					"version":  text("Version of TLS, such as `TLS 1.3`."),
					"verified": flag("Whether the driver checked the certificate's chain and the server's name."),
				},
			},
			"username":  text("Whom the server takes the login for."),
			"read_only": flag("Whether the login can do nothing but read; null where that can't be told, and `error` says why."),
			"writable": schema.ListAttribute{
				MarkdownDescription: "What the login can do beyond reading, and through what, such as `INSERT on public.orders via " +
					"PUBLIC`: at most 100, and how many more there are. Null where `read_only` is.",
				Computed: true, ElementType: types.StringType,
			},
			"server_version": text("The server's version in its own words; null where it does not say."),
			"connect_ms": schema.Int64Attribute{
				MarkdownDescription: "Milliseconds until the server had answered. It differs from run to run: make nothing depend on it.",
				Computed:            true,
			},
		},
	}
}
