// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysqlreadonlyuser

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
)

const (
	// maxUserName is that of MariaDB, in characters. MySQL keeps 32, and refuses longer ones itself.
	maxUserName = 80
	// maxObjectName is the longest name of a database or a table.
	maxObjectName = 64
	// loginSuffix is how much longer than the user's a login's name is.
	loginSuffix = len("_a")
)

// name refuses names that the server would not keep as they are.
type name struct {
	longest int
	// reserved are names that can't be what is named here, by why.
	reserved map[string]string
}

var (
	userName = name{maxUserName, map[string]string{"public": "which means everybody"}}
	database = name{maxObjectName, map[string]string{"information_schema": "which everybody may read, as far as it concerns them"}}
	table    = name{longest: maxObjectName}
)

// Description says what is asked for.
func (n name) Description(context.Context) string {
	return fmt.Sprintf("A name has 1 to %d characters.", n.longest)
}

// MarkdownDescription says what is asked for.
func (n name) MarkdownDescription(ctx context.Context) string { return n.Description(ctx) }

// ValidateString reports a name that is not one.
func (n name) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if problem := n.check(req.ConfigValue.ValueString()); problem != "" {
		resp.Diagnostics.AddAttributeError(req.Path, diagnostic.InvalidName, problem)
	}
}

func (n name) check(text string) string {
	length := utf8.RuneCountInString(text)
	why, isReserved := n.reserved[strings.ToLower(text)]
	switch {
	case text == "":
		return "The name is empty: write one."
	case length > n.longest:
		return fmt.Sprintf("%q has %d characters, and the server keeps %d: write a shorter name.", text, length, n.longest)
	case strings.ContainsFunc(text, func(r rune) bool { return r == 0 || r == utf8.RuneError || r > 0xFFFF }):
		return fmt.Sprintf("%q has a character that servers keep as a question mark, such as an emoji: write it without.", text)
	case strings.HasSuffix(text, " "):
		return fmt.Sprintf("%q ends with a space, which servers cut off: write it without.", text)
	case isReserved:
		return fmt.Sprintf("%q has a meaning of its own, %s: write another name.", text, why)
	default:
		return ""
	}
}
