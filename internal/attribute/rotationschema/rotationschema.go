// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package rotationschema is rotation in HCL's terms: the attribute rotation, its validation, and the words in which a
// plan says what will be rotated or ended, and why.
package rotationschema

import (
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/rotation"
)

// Name is the attribute's name.
const Name = "rotation"

// Model is the attribute. A resource whose credentials have no expiry of their own leaves BeforeExpiry null.
type Model struct {
	Every        customtypes.Duration
	BeforeExpiry customtypes.Duration
	Overlap      customtypes.Duration
	Trigger      types.String
}

// Attribute describes rotation; credential is what is rotated, such as "key". With expiry it has before_expiry.
func Attribute(credential string, expiry bool) schema.SingleNestedAttribute {
	duration := func(description string) schema.StringAttribute {
		return schema.StringAttribute{
			MarkdownDescription: description, CustomType: customtypes.DurationType{}, Optional: true,
			PlanModifiers: []planmodifier.String{customtypes.KeepDurationSpelling},
		}
	}
	attributes := map[string]schema.Attribute{
		"every": duration(fmt.Sprintf("Rotate when the %s is this old, such as `90d`.", credential)),
		"overlap": duration(fmt.Sprintf("Keep the old %s alive this long after a rotation. Default `0s`: it ends in the same apply, "+
			"after the new one exists.", credential)),
		"trigger": schema.StringAttribute{
			MarkdownDescription: "Change it to any other text to rotate now, such as `2026-11` or `leaked on Monday`.", Optional: true,
		},
	}
	if expiry {
		attributes["before_expiry"] = duration(fmt.Sprintf("Rotate when the %s is this close to its expiry, such as `10d`.", credential))
	}
	return schema.SingleNestedAttribute{
		MarkdownDescription: fmt.Sprintf("When to replace the %s by a new one. Rotation happens when you run `terraform apply`: "+
			"schedule a run, for example nightly in CI.", credential),
		Optional: true, Attributes: attributes,
	}
}

// FromObject reads the attribute's value; ok is false where there is none. Unknown parts count as left out.
func FromObject(object types.Object) (model Model, ok bool) {
	if object.IsNull() || object.IsUnknown() {
		return model, false
	}
	attributes := object.Attributes()
	duration := func(name string) customtypes.Duration {
		if value, isDuration := attributes[name].(customtypes.Duration); isDuration && !value.IsUnknown() {
			return value
		}
		return customtypes.Duration{}
	}
	model.Every, model.BeforeExpiry, model.Overlap = duration("every"), duration("before_expiry"), duration("overlap")
	if trigger, isText := attributes["trigger"].(types.String); isText && !trigger.IsUnknown() {
		model.Trigger = trigger
	}
	return model, true
}

// Policy gives the rules that a value stands for; null stands for none.
func Policy(object types.Object) rotation.Policy {
	model, _ := FromObject(object)
	return rotation.Policy{
		Every:        customtypes.ParseDurationValue(model.Every),
		BeforeExpiry: customtypes.ParseDurationValue(model.BeforeExpiry),
		Overlap:      customtypes.ParseDurationValue(model.Overlap),
		Trigger:      model.Trigger.ValueString(),
	}
}

// Triggers gives the policy and the trigger to compare with: a trigger that comes with the block, or goes, is no change.
func Triggers(planned, state types.Object) (policy rotation.Policy, before string) {
	policy = Policy(planned)
	old, wasSet := FromObject(state)
	if !wasSet || policy.Trigger == "" {
		return policy, policy.Trigger
	}
	return policy, old.Trigger.ValueString()
}

// Validate reports what is wrong with a configured value, for credentials that live for a span; zero means that they
// don't expire, and lifeKnown is false while that is not known.
func Validate(object types.Object, life time.Duration, lifeKnown bool) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	model, ok := FromObject(object)
	if !ok || hasUnknown(object) || !lifeKnown {
		return diagnostics
	}
	for _, duration := range []customtypes.Duration{model.Every, model.BeforeExpiry, model.Overlap} {
		if _, err := customtypes.ParseDuration(duration.ValueString()); !duration.IsNull() && err != nil {
			return diagnostics // That is said of the attribute itself.
		}
	}
	set := rotation.Fields{
		Every: !model.Every.IsNull(), BeforeExpiry: !model.BeforeExpiry.IsNull(), Overlap: !model.Overlap.IsNull(),
	}
	for _, problem := range Policy(object).Validate(set, life) {
		diagnostics.AddAttributeError(path.Root(Name).AtName(problem.Field), "Invalid rotation", problem.Text)
	}
	if model.Every.IsNull() && model.BeforeExpiry.IsNull() && model.Trigger.IsNull() {
		diagnostics.AddAttributeError(path.Root(Name), "Rotation without a time or trigger",
			"Nothing says when to rotate. Write every, such as every = \"90d\", or a trigger.")
	}
	return diagnostics
}

// IsKnown reports whether nothing of a value is left to the apply.
func IsKnown(object types.Object) bool { return !object.IsUnknown() && !hasUnknown(object) }

func hasUnknown(object types.Object) bool {
	for _, value := range object.Attributes() {
		if value.IsUnknown() {
			return true
		}
	}
	return false
}

// Subject is what a plan speaks of.
type Subject struct {
	// Kind and Name are such as API key and prod-backend.
	Kind, Name string
	// Credential is the word for what is rotated, such as key.
	Credential string
	// Previous names the previous credential, such as its id.
	Previous string
}

// Explain gives a plan's warnings for a decision that is made at a time.
func Explain(subject Subject, decision rotation.Decision, policy rotation.Policy, now time.Time) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	named := fmt.Sprintf("%s %q", subject.Kind, subject.Name)
	if decision.EndPrevious {
		diagnostics.AddWarning(fmt.Sprintf("Previous %s of %s will be ended", subject.Credential, named),
			fmt.Sprintf("%s stops working in this apply: %s.", subject.Previous, decision.EndReason))
	}
	if decision.Rotate {
		after := fmt.Sprintf("the current %s ends in the same apply, after the new one exists", subject.Credential)
		switch {
		case decision.CurrentEnded:
			after = fmt.Sprintf("the current %s no longer works", subject.Credential)
		case decision.KeepCurrent:
			after = fmt.Sprintf("the current %s stays valid for %s after the apply (until %s if applied now)", subject.Credential,
				customtypes.FormatDuration(policy.Overlap), policy.PreviousEnd(now).UTC().Format(time.RFC3339))
		}
		diagnostics.AddWarning(fmt.Sprintf("%s will be rotated", named),
			fmt.Sprintf("%s will be rotated: %s; %s.", named, strings.Join(decision.Reasons, ", and "), after))
	}
	return diagnostics
}

// PreviousType is the type of the attribute previous, with names for its id-like attributes and its time.
func PreviousType(ends string, identifiers ...string) types.ObjectType {
	attributes := map[string]attr.Type{ends: customtypes.TimeType{}}
	for _, identifier := range identifiers {
		attributes[identifier] = types.StringType
	}
	return types.ObjectType{AttrTypes: attributes}
}

// Previous gives a value of the attribute previous. A nil time is one that is not known before the apply.
func Previous(kind types.ObjectType, ends string, at *time.Time, identifiers map[string]attr.Value) types.Object {
	values := map[string]attr.Value{ends: customtypes.Time{StringValue: basetypes.NewStringUnknown()}}
	if at != nil {
		values[ends] = customtypes.NewTime(*at)
	}
	for name, value := range identifiers {
		values[name] = value
	}
	return types.ObjectValueMust(kind.AttrTypes, values)
}

// PreviousEnd gives the time of a value of the attribute previous, and nil where there is none.
func PreviousEnd(previous types.Object, ends string) *time.Time {
	if previous.IsNull() || previous.IsUnknown() {
		return nil
	}
	at, ok := previous.Attributes()[ends].(customtypes.Time)
	if !ok {
		return nil
	}
	return customtypes.ParseTime(at)
}

// Text gives a text of a value of the attribute previous, and nothing where there is none.
func Text(previous types.Object, name string) string {
	if text, ok := previous.Attributes()[name].(types.String); ok {
		return text.ValueString()
	}
	return ""
}
