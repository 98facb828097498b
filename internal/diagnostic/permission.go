// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package diagnostic

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// Permission is the error of a call that the service does not permit (403), where the role of the user that the provider logs in
// as can be told: own, "" where it can't. enough are the roles that are enough for the call.
func Permission(summary string, err error, own string, enough ...string) diag.Diagnostic {
	switch {
	case own == "":
		return API(summary, err)
	case slices.Contains(enough, own):
		return APIWithAdvice(summary, err, fmt.Sprintf("The user that the provider logs in as has the role %s in the organization, "+
			"which is enough for this. The service's words above say why it refuses: for example a suspended organization, a limit of "+
			"its plan, or its IP allowlist.", own))
	default:
		return APIWithAdvice(summary, err, fmt.Sprintf("The user that the provider logs in as has the role %s in the organization, and "+
			"this needs the role %s. Ask an owner of the organization to give that user the role, or log in as somebody who has it.",
			own, strings.Join(enough, " or ")))
	}
}
