// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package accessreview

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/review/access"
)

// model is the data source in HCL's terms.
type model struct {
	Organization      types.Bool           `tfsdk:"organization"`
	OrganizationID    types.String         `tfsdk:"organization_id"`
	PostgreSQLServers types.Set            `tfsdk:"postgresql_servers"`
	MySQLServers      types.Set            `tfsdk:"mysql_servers"`
	RedisServers      types.Set            `tfsdk:"redis_servers"`
	KeyMaxAge         customtypes.Duration `tfsdk:"key_max_age"`
	KeyUnusedFor      customtypes.Duration `tfsdk:"key_unused_for"`
	InvitationMaxAge  customtypes.Duration `tfsdk:"invitation_max_age"`
	ExpiringWithin    customtypes.Duration `tfsdk:"expiring_within"`
	MaxOwners         types.Int64          `tfsdk:"max_owners"`
	PolicyExceptions  types.Map            `tfsdk:"policy_exceptions"`

	Findings   []findingModel   `tfsdk:"findings"`
	Passed     []string         `tfsdk:"passed"`
	NotKnown   []notKnownModel  `tfsdk:"not_known"`
	Exceptions []exceptionModel `tfsdk:"exceptions"`
	Counts     map[string]int64 `tfsdk:"counts"`
	Markdown   types.String     `tfsdk:"markdown"`
}

type findingModel struct {
	Rule        string `tfsdk:"rule"`
	Severity    string `tfsdk:"severity"`
	Subject     string `tfsdk:"subject"`
	Message     string `tfsdk:"message"`
	Remediation string `tfsdk:"remediation"`
}

type notKnownModel struct {
	Rule    string `tfsdk:"rule"`
	Subject string `tfsdk:"subject"`
	Reason  string `tfsdk:"reason"`
}

type exceptionModel struct {
	Rule    string     `tfsdk:"rule"`
	Subject string     `tfsdk:"subject"`
	Reason  string     `tfsdk:"reason"`
	Applies types.Bool `tfsdk:"applies"`
}

func (m model) reviewsOrganization() bool {
	return m.Organization.IsNull() || m.Organization.ValueBool()
}

// reviewsNothing reports whether it is known that there is nothing to review.
func (m model) reviewsNothing() bool {
	isNone := !m.Organization.IsUnknown() && !m.reviewsOrganization()
	for _, names := range []types.Set{m.PostgreSQLServers, m.MySQLServers, m.RedisServers} {
		isNone = isNone && !names.IsUnknown() && len(names.Elements()) == 0
	}
	return isNone
}

func (m model) thresholds() access.Thresholds {
	thresholds := access.Defaults()
	for _, one := range []struct {
		from customtypes.Duration
		to   *time.Duration
	}{
		{m.KeyMaxAge, &thresholds.KeyMaxAge}, {m.KeyUnusedFor, &thresholds.KeyUnusedFor},
		{m.InvitationMaxAge, &thresholds.InvitationMaxAge}, {m.ExpiringWithin, &thresholds.ExpiringWithin},
	} {
		if !one.from.IsNull() {
			*one.to = customtypes.ParseDurationValue(one.from)
		}
	}
	if !m.MaxOwners.IsNull() {
		thresholds.MaxOwners = int(m.MaxOwners.ValueInt64())
	}
	return thresholds
}

// reasons gives the exceptions as reasons by rule, by subject. A resource without exceptions has a null map.
func (m model) reasons() map[string]map[string]string {
	reasons := map[string]map[string]string{}
	for subject, value := range m.PolicyExceptions.Elements() {
		exceptions, _ := value.(types.Map)
		for rule, reason := range exceptions.Elements() {
			if text, isText := reason.(types.String); isText {
				if reasons[subject] == nil {
					reasons[subject] = map[string]string{}
				}
				reasons[subject][rule] = text.ValueString()
			}
		}
	}
	return reasons
}

// fromResult fills in what is computed.
func (m *model) fromResult(result access.Result) {
	m.Findings, m.NotKnown, m.Exceptions = []findingModel{}, []notKnownModel{}, []exceptionModel{}
	for _, f := range result.Findings {
		m.Findings = append(m.Findings, findingModel{
			Rule: f.Rule, Severity: string(f.Severity), Subject: f.Subject, Message: f.Message, Remediation: f.Remediation,
		})
	}
	for _, n := range result.NotKnown {
		m.NotKnown = append(m.NotKnown, notKnownModel{Rule: n.Rule, Subject: n.Subject, Reason: n.Reason})
	}
	for _, e := range result.Exceptions {
		m.Exceptions = append(m.Exceptions, exceptionModel{
			Rule: e.Rule, Subject: e.Subject, Reason: e.Reason, Applies: types.BoolPointerValue(e.Applies),
		})
	}
	m.Counts = map[string]int64{}
	for severity, count := range result.Counts {
		m.Counts[string(severity)] = int64(count)
	}
	m.Passed, m.Markdown = result.Passed, types.StringValue(result.Markdown())
}
