// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
)

// maxNameBytes is the longest name that a server built with its defaults keeps; it cuts longer ones off in silence.
const maxNameBytes = 63

// reservedRoles are names that mean something else where a role is expected.
var reservedRoles = []string{"public", "none"}

// objectName refuses names that the server would not keep as they are.
type objectName struct{}

// Description says what is asked for.
func (objectName) Description(context.Context) string {
	return fmt.Sprintf("A name has 1 to %d bytes.", maxNameBytes)
}

// MarkdownDescription says what is asked for.
func (o objectName) MarkdownDescription(ctx context.Context) string { return o.Description(ctx) }

// ValidateString reports a name that is not one.
func (objectName) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if problem := checkName(req.ConfigValue.ValueString()); problem != "" {
		resp.Diagnostics.AddAttributeError(req.Path, diagnostic.InvalidName, problem)
	}
}

// roleName refuses the names that no role can have, too.
type roleName struct{ objectName }

// ValidateString reports a name that no role can have.
func (roleName) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	name := req.ConfigValue.ValueString()
	problem := checkName(name)
	switch {
	case problem != "":
	case strings.HasPrefix(name, "pg_"):
		problem = fmt.Sprintf("%q starts with \"pg_\", which PostgreSQL keeps for its own roles: write another name.", name)
	case slices.Contains(reservedRoles, name):
		problem = fmt.Sprintf("%q has a meaning of its own in PostgreSQL: write another name.", name)
	}
	if problem != "" {
		resp.Diagnostics.AddAttributeError(req.Path, diagnostic.InvalidName, problem)
	}
}

func checkName(name string) string {
	switch {
	case name == "":
		return "The name is empty: write one."
	case len(name) > maxNameBytes:
		return fmt.Sprintf("%q has %d bytes, and PostgreSQL keeps %d: write a shorter name.", name, len(name), maxNameBytes)
	case strings.ContainsRune(name, 0):
		return "The name holds a zero byte: write it without."
	default:
		return ""
	}
}
