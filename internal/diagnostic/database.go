// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package diagnostic

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

// Protected is the error of something that deletion_protection keeps. What is its kind, such as "database".
func Protected(what, name string) diag.Diagnostic {
	return diag.NewErrorDiagnostic(ProtectedFromDeletion, fmt.Sprintf(
		"deletion_protection is on for %s %q. Its data can't be restored after a deletion. To delete it, set deletion_protection = false and apply "+
			"that alone, then plan this again. If it is only marked as tainted and works, keep it: terraform untaint.", what, name))
}

// Replaced warns of what a change of attributes loses, or refuses it where deletion_protection is on. Without changes it says
// nothing.
func Replaced(what, name string, isProtected bool, changes path.Paths) diag.Diagnostics {
	if len(changes) == 0 {
		return nil
	}
	names := make([]string, len(changes))
	for index, changed := range changes {
		names[index] = changed.String()
	}
	slices.Sort(names)
	why := fmt.Sprintf("The service can't change %s of a %s. So %q would be deleted, with everything in it, and created again, empty and with "+
		"another id.", strings.Join(names, ", "), what, name)
	if isProtected {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Protected from replacement", why+" deletion_protection prevents that. Undo the change. Or, if you want "+
			"the replacement, set deletion_protection = false and apply that alone, then plan this again.")}
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Replacement loses data: "+what+" "+name, why+" Copy what you need before you apply.")}
}

// NotActive is the error of something that was made and can't be used. Timeout is the name in the timeouts block.
func NotActive(summary, typeName, timeout string, err error) diag.Diagnostic {
	status, ok := errors.AsType[*terrascale.NotActiveError](err)
	if !ok {
		return APIWithAdvice(summary, err, fmt.Sprintf("It was created, and is in the state. Terraform marked it as tainted. If it works, keep it "+
			"(terraform untaint %s.<name>). Otherwise, the next apply replaces it.", typeName))
	}
	if status.Cause == nil {
		return APIWithAdvice(summary, err, "The service could not set it up. Terraform marked it as tainted, so the next apply deletes it and creates it again. If "+
			"that fails in the same way, ask the service's support.")
	}
	next := fmt.Sprintf("It is in the state, and marked as tainted: the next apply would replace it. Wait until it is Active, then keep it: "+
		"terraform untaint %s.<name>.", typeName)
	if errors.Is(status.Cause, context.DeadlineExceeded) {
		next += fmt.Sprintf(" If it always takes longer, raise %s in the timeouts block.", timeout)
	}
	return APIWithAdvice(summary, err, next)
}
