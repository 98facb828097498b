// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package diagnostic

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// LeftoverDropped says that a login which a killed run had left was dropped. Kind is what it is, such as "PostgreSQL role".
func LeftoverDropped(kind, name string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("The "+kind+" of an unfinished run was dropped: "+name, fmt.Sprintf(
		"%s %q was created by a run that ended before Terraform saved it. Nobody has its password. It was dropped and created again.",
		kind, name))
}
