// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package redisreadonlyuser

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/collections"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/passwordschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/policyschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/timeouts"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/redis"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

// description is the page's first sentence; what follows the arguments is in templates/behaviour.
const description = "Manages a user on a Redis server that can read and nothing else."

// Schema describes the resource.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		policyschema.Name: policyschema.Attribute(policy.SecretInState),
		"server": schema.StringAttribute{
			MarkdownDescription: "Name of the server in the provider's `redis` map. Default `default`. A change makes the user anew " +
				"on the other server.",
			Optional: true, Computed: true, Default: stringdefault.StaticString("default"),
			PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"name": schema.StringAttribute{
			MarkdownDescription: "Name of the user. Redis can't rename one: a change makes another and drops this one.",
			Required:            true, Validators: []validator.String{pattern{}},
			PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"key_patterns": schema.SetAttribute{
			MarkdownDescription: "Glob patterns of the keys that may be read, such as `app:*`. Default: none.",
			Optional:            true, ElementType: types.StringType, Validators: patterns(),
		},
		"channel_patterns": schema.SetAttribute{
			MarkdownDescription: "Glob patterns of the channels that may be listened to, with `+subscribe` or `+psubscribe` in " +
				"`commands`. Default: none.",
			Optional: true, ElementType: types.StringType, Validators: patterns(),
		},
		"commands": schema.ListAttribute{
			MarkdownDescription: "Rules in the order in which the server takes them: `+@read`, `+@connection`, single commands such as " +
				"`+subscribe`, and anything with a minus. Default: `[\"+@read\", \"+@connection\", \"-@dangerous\"]`.",
			Optional: true, Computed: true, ElementType: types.StringType,
			Default:    listdefault.StaticValue(collections.TextList(redis.DefaultCommands)),
			Validators: []validator.List{listvalidator.ValueStringsAre(rule{})},
		},
		rotationschema.Name: rotationschema.Attribute("password", false),
		"previous": schema.SingleNestedAttribute{
			MarkdownDescription: "The password before the last rotation, while it is still valid.", Computed: true,
			Attributes: map[string]schema.Attribute{
				disableAt: schema.StringAttribute{
					MarkdownDescription: "When it ends: with the first apply after this time.",
					CustomType:          customtypes.TimeType{}, Computed: true,
				},
				passwordschema.FingerprintName: passwordschema.FingerprintAttribute(),
			},
		},
		"excess_privileges": schema.ListAttribute{
			MarkdownDescription: "What the user can do beyond this configuration, such as `writing keys: ~*`. The next apply takes it away.",
			Computed:            true, ElementType: types.StringType,
		},
	}
	maps.Copy(attributes, passwordschema.SchemaAttributes())
	resp.Schema = schema.Schema{
		Version:             0, // Counted up with each change that an older state does not fit (TestStatesOfEveryVersionAreApplied).
		MarkdownDescription: description, Attributes: attributes,
		Blocks: map[string]schema.Block{"timeouts": timeouts.Block(ctx)},
	}
}

func patterns() []validator.Set {
	return []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(pattern{})}
}

// pattern refuses what the server can't keep as a pattern, or a name.
type pattern struct{}

// Description says what is asked for.
func (pattern) Description(context.Context) string { return "Not empty, without spaces." }

// MarkdownDescription says what is asked for.
func (p pattern) MarkdownDescription(ctx context.Context) string { return p.Description(ctx) }

// ValidateString reports a text that is none.
func (pattern) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := redis.CheckPattern(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid pattern or name", err.Error()+".")
	}
}

// rule refuses rules that allow more than reading.
type rule struct{ pattern }

// ValidateString reports a rule that does.
func (rule) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := redis.CheckRule(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid command rule", err.Error()+".")
	}
}
