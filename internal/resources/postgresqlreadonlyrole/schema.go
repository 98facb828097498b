// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole

import (
	"context"
	_ "embed"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/passwordschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/recipients"
	"github.com/terrascale/terraform-provider-terrascale/internal/rotationschema"
)

//go:embed description.md
var description string

// Schema describes the resource.
func (r *Resource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: description,
		Attributes: map[string]schema.Attribute{
			"server": schema.StringAttribute{
				MarkdownDescription: "Name of the server in the provider's `postgresql` map. Default `default`. A change makes the " +
					"role anew on the other server.",
				Optional: true, Computed: true, Default: stringdefault.StaticString("default"),
				PlanModifiers: []planmodifier.String{replaceOnAnotherServer()},
			},
			"name": schema.StringAttribute{
				MarkdownDescription: "Name of the role, at most 63 bytes. A change renames it.",
				Required:            true, Validators: []validator.String{roleName{}},
			},
			"grants":                 grantsAttribute(),
			"future_tables_owned_by": futureAttribute(),
			"connection_limit": schema.Int64Attribute{
				MarkdownDescription: "The most sessions at a time. It must cover the gateway's instances times their pool. Default: " +
					"no limit.",
				Optional: true, Validators: []validator.Int64{int64validator.Between(0, 262143)},
			},
			"statement_timeout": schema.StringAttribute{
				MarkdownDescription: "The longest that one statement of the role may take, such as `30s`. Default: the server's.",
				CustomType:          customtypes.DurationType{}, Optional: true, Validators: timeout(),
				PlanModifiers: []planmodifier.String{customtypes.KeepDurationSpelling},
			},
			"idle_in_transaction_session_timeout": schema.StringAttribute{
				MarkdownDescription: "The longest that a session may idle in an open transaction. Default: the server's.",
				CustomType:          customtypes.DurationType{}, Optional: true, Validators: timeout(),
				PlanModifiers: []planmodifier.String{customtypes.KeepDurationSpelling},
			},
			"valid_until": schema.StringAttribute{
				MarkdownDescription: "When the password stops working, RFC 3339. Default: never.",
				CustomType:          customtypes.TimeType{}, Optional: true,
				PlanModifiers: []planmodifier.String{customtypes.KeepTimeSpelling},
			},
			"terminate_sessions": schema.BoolAttribute{
				MarkdownDescription: "Whether the role's open sessions are ended when it is dropped. Default `true`.",
				Optional:            true, Computed: true, Default: booldefault.StaticBool(true),
			},
			"password_wo": schema.StringAttribute{
				MarkdownDescription: "The password, write-only: it is in no plan and no state. Left out, one is generated and kept in " +
					"the state as `password`.",
				Optional: true, Sensitive: true, WriteOnly: true,
				Validators: []validator.String{
					stringvalidator.LengthAtLeast(1),
				},
			},
			"password_wo_version": schema.Int64Attribute{
				MarkdownDescription: "Change it to have `password_wo` set again: Terraform can't see a change of a write-only value. " +
					"With `rotation` it may be left out: each rotation takes the value of that apply.",
				Optional:   true,
				Validators: []validator.Int64{int64validator.AlsoRequires(path.MatchRoot("password_wo"))},
			},
			rotationschema.Name: rotationschema.Attribute("login", false),
			"age_recipients":    recipients.Attribute("password_encrypted"),
			"username": schema.StringAttribute{
				MarkdownDescription: "Whom to log in as now: the role itself or, with `rotation`, one of its two logins.", Computed: true,
			},
			"password": schema.StringAttribute{
				MarkdownDescription: "The generated password; null with `password_wo` or `age_recipients`, and after an import.",
				Computed:            true, Sensitive: true,
			},
			"password_encrypted": schema.StringAttribute{
				MarkdownDescription: "The generated password for `age_recipients`, armored.", Computed: true,
			},
			"previous": schema.SingleNestedAttribute{
				MarkdownDescription: "The login before the last rotation, while it is still valid.", Computed: true,
				Attributes: map[string]schema.Attribute{
					username: schema.StringAttribute{MarkdownDescription: "Its name.", Computed: true},
					disableAt: schema.StringAttribute{
						MarkdownDescription: "When it ends: with the first apply after this time.",
						CustomType:          customtypes.TimeType{}, Computed: true,
					},
				},
			},
			passwordschema.SetAtName:       passwordschema.SetAtAttribute(),
			passwordschema.FingerprintName: passwordschema.FingerprintAttribute(),
			"password_version": schema.Int64Attribute{
				MarkdownDescription: "Grows with each rotation and each other password: feed it to the version of whoever keeps the password.",
				Computed:            true,
			},
			"excess_privileges": schema.ListAttribute{
				MarkdownDescription: "What the role can do beyond reading, and through what, such as " +
					"`INSERT on public.orders via PUBLIC`.",
				Computed: true, ElementType: types.StringType,
			},
		},
	}
}

func grantsAttribute() schema.SetNestedAttribute {
	return schema.SetNestedAttribute{
		MarkdownDescription: "What the role may read, one entry a schema.",
		Required:            true,
		Validators:          []validator.Set{setvalidator.SizeAtLeast(1)},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"database": schema.StringAttribute{
				MarkdownDescription: "Name of the database.", Required: true, Validators: []validator.String{objectName{}},
			},
			"schema": schema.StringAttribute{
				MarkdownDescription: "Name of the schema.", Required: true, Validators: []validator.String{objectName{}},
			},
			"tables": schema.SetAttribute{
				MarkdownDescription: "Tables and views of the schema: ordinary, partitioned and foreign tables, views and " +
					"materialized views. Left out: all of them, or none beside `columns`.",
				Optional: true, ElementType: types.StringType, Validators: names(),
			},
			"columns": schema.MapAttribute{
				MarkdownDescription: "Columns of further tables that may be read one by one, such as `{ users = [\"id\", \"name\"] }`.",
				Optional:            true, ElementType: types.SetType{ElemType: types.StringType},
				Validators: []validator.Map{
					mapvalidator.SizeAtLeast(1), mapvalidator.KeysAre(objectName{}), mapvalidator.ValueSetsAre(names()...),
				},
			},
			"sequences": schema.BoolAttribute{
				MarkdownDescription: "Whether all sequences of the schema may be read, too: dumps and some drivers ask for it. Default `false`.",
				Optional:            true,
			},
		}},
	}
}

func futureAttribute() schema.SetAttribute {
	return schema.SetAttribute{
		MarkdownDescription: "Roles whose tables to come are readable where a grant covers a whole schema (default privileges), and " +
			"whose sequences to come with `sequences`. " +
			"Without it, a table made later shows in the next plan and is granted by the next apply.",
		Optional: true, ElementType: types.StringType,
		Validators: names(),
	}
}

// names asks for at least one name of an object.
func names() []validator.Set {
	return []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(objectName{})}
}

// timeout refuses what the server would take for no time-out at all.
func timeout() []validator.String {
	return []validator.String{customtypes.DurationAtLeast(time.Millisecond)}
}
