// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole

import (
	"context"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/collections"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/loginschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/policyschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/timeouts"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

// description is the page's first sentence; what follows the arguments is in templates/behaviour.
const description = "Manages a login role on a PostgreSQL server that can read and nothing else."

// Schema describes the resource.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		policyschema.Name: policyschema.Attribute(policy.ExcessPrivilege, policy.SecretInState),
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
		"excess_privileges": schema.ListAttribute{
			MarkdownDescription: "What the role can do beyond reading, and through what, such as " +
				"`INSERT on public.orders via PUBLIC`.",
			Computed: true, ElementType: types.StringType,
		},
	}
	maps.Copy(attributes, loginschema.SchemaAttributes("role"))
	resp.Schema = schema.Schema{
		Version:             0, // Counted up with each change that an older state does not fit (TestStatesOfEveryVersionAreApplied).
		MarkdownDescription: description, Attributes: attributes,
		Blocks: map[string]schema.Block{"timeouts": timeouts.Block(ctx)},
	}
}

func grantsAttribute() schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		MarkdownDescription: "What the role may read, by `database.schema`, such as `{ \"app.public\" = {} }`. Quote a name that holds a " +
			"dot or a double quote as in SQL: `\"\\\"my.db\\\".public\"`. Names are taken as you write them, upper and lower case included.",
		Required:      true,
		Validators:    []validator.Map{mapvalidator.SizeAtLeast(1)},
		PlanModifiers: []planmodifier.Map{collections.Unwalked()},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"tables": schema.SetAttribute{
				MarkdownDescription: "Tables and views of the schema: ordinary, partitioned and foreign tables, views and " +
					"materialized views. Default: all of them, or none if you set `columns`.",
				Optional: true, ElementType: types.StringType, Validators: names(),
			},
			"except": schema.SetAttribute{
				MarkdownDescription: "Tables and views that a grant for the whole schema leaves out, such as those of an extension: " +
					"`[\"pg_stat_statements\"]`. What everybody (`PUBLIC`) may read stays readable, and needs no grant.",
				Optional: true, ElementType: types.StringType,
				Validators: append(names(), setvalidator.ConflictsWith(
					path.MatchRelative().AtParent().AtName("tables"), path.MatchRelative().AtParent().AtName("columns"))),
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
		MarkdownDescription: "Roles whose future tables are readable if a grant covers a whole schema (default privileges). " +
			"With `sequences`, their future sequences are, too. Without it, a table made later shows in the next plan, " +
			"and the next apply grants it.",
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
