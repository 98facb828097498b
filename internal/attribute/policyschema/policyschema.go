// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package policyschema is how the least-privilege rules look at one resource: its attribute policy_exceptions, and what they find in it.
package policyschema

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

// Name is the attribute's.
const Name = "policy_exceptions"

// Describe describes the attribute of something that some rules look at.
func Describe(rules ...string) string {
	quoted := make([]string, len(rules))
	for i, rule := range rules {
		quoted[i] = "`" + rule + "`"
	}
	return "Least-privilege rules to skip here, each with the reason, such as `\"no fixed address, SEC-123\"`. " +
		"Reasons show in the plan, in the state and in the access review: do not write a secret in one. Rules: " + strings.Join(quoted, ", ") +
		"; see [the rules](https://registry.terraform.io/providers/terrascale/terrascale/latest/docs/guides/least-privilege)."
}

// Attribute is the attribute of a resource that some rules look at.
func Attribute(rules ...string) schema.MapAttribute {
	return schema.MapAttribute{
		MarkdownDescription: Describe(rules...),
		Optional:            true, ElementType: types.StringType, Validators: Validators(rules...),
	}
}

// Validators refuse rules that do not look at it, and exceptions without a reason.
func Validators(rules ...string) []validator.Map { return []validator.Map{exceptions{rules}} }

type exceptions struct{ rules []string }

// Description says what is asked for.
func (e exceptions) Description(context.Context) string {
	return "Each key is one of " + strings.Join(e.rules, ", ") + ", and each value a reason."
}

// MarkdownDescription says what is asked for.
func (e exceptions) MarkdownDescription(ctx context.Context) string { return e.Description(ctx) }

// ValidateMap looks at each exception.
func (e exceptions) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	for rule, value := range req.ConfigValue.Elements() {
		at := req.Path.AtMapKey(rule)
		_, isRule := policy.RuleNamed(rule)
		switch {
		case !isRule:
			resp.Diagnostics.AddAttributeError(at, "Unknown least-privilege rule", fmt.Sprintf(
				"There is no rule %q. Rules that apply here: %s.", rule, strings.Join(e.rules, ", ")))
		case !slices.Contains(e.rules, rule):
			resp.Diagnostics.AddAttributeError(at, "Least-privilege rule does not apply here", fmt.Sprintf(
				"The rule %s looks at something else. Rules that apply here: %s.", rule, strings.Join(e.rules, ", ")))
		}
		if reason, isText := value.(types.String); isText && !reason.IsUnknown() && strings.TrimSpace(reason.ValueString()) == "" {
			resp.Diagnostics.AddAttributeError(at, "Exception without a reason", fmt.Sprintf(
				"Say why the rule %s does not apply here, such as %q. Whoever reviews the exception needs the reason.", rule, "no fixed address, SEC-123"))
		}
	}
}

// Rules applies the rules to one resource.
type Rules struct {
	Policy policy.Policy

	at      path.Path
	reasons map[string]string
	// found holds, for each rule that was applied, whether it found something.
	found       map[string]bool
	diagnostics diag.Diagnostics
}

// New takes the exceptions of a resource; at is where they are written.
func New(p policy.Policy, at path.Path, exceptions types.Map) *Rules {
	r := &Rules{Policy: p, at: at, reasons: map[string]string{}, found: map[string]bool{}}
	for rule, value := range exceptions.Elements() {
		// A reason that is not known yet is not in the open.
		if reason, isText := value.(types.String); isText && strings.TrimSpace(reason.ValueString()) != "" {
			r.reasons[rule] = reason.ValueString()
		}
	}
	return r
}

// OfResource takes the exceptions of a resource that has them at its top.
func OfResource(p policy.Policy, exceptions types.Map) *Rules {
	return New(p, path.Root(Name), exceptions)
}

// Add adds what a rule found, or that it found nothing.
func (r *Rules) Add(rule string, at path.Path, findings []policy.Finding) {
	r.found[rule] = r.found[rule] || len(findings) > 0
	if _, isExcepted := r.reasons[rule]; !isExcepted {
		r.diagnostics.Append(diagnostic.Findings(r.Policy, at, findings)...)
	}
}

// Diagnostics gives all findings that no exception silences, and says which exceptions have nothing to silence.
func (r *Rules) Diagnostics() diag.Diagnostics {
	said := slices.Clone(r.diagnostics)
	if r.Policy.Level == policy.Off {
		return said
	}
	for _, rule := range slices.Sorted(maps.Keys(r.reasons)) {
		if found, isApplied := r.found[rule]; isApplied && !found {
			said.AddAttributeWarning(r.at.AtMapKey(rule), "Least privilege: exception without a finding, "+rule+" at "+r.at.AtMapKey(rule).String(),
				"The rule finds nothing here any more. Remove the exception, so that the rule is applied when it finds something again.")
		}
	}
	return said
}
