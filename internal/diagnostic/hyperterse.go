// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package diagnostic

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
)

var hyperterseAdvice = []advice{
	{hyperterse.ErrBlockSyntax, "The file was left as it is: the provider edits YAML only. Write its adapters as YAML, as 'adapters:' with one entry each."},
	{hyperterse.ErrAlias, "The file was left as it is: an edit would change what else uses the same text. Write the adapter's values out, without anchors (&), aliases (*) and merge keys (<<)."},
	{hyperterse.ErrLayout, "The file was left as it is. Write the adapter in the usual layout, with one key a line, and apply again."},
	{hyperterse.ErrInvalidFile, "The file was left as it is. Put it right first; 'hyperterse validate -f FILE' checks a .terse file."},
	{hyperterse.ErrUnwritableValue, "Nothing was changed. An environment variable can't hold a zero byte: take it out of value_wo."},
}

// Hyperterse is the error of a failed look at, or change of, a .terse or .env file.
func Hyperterse(at path.Path, summary string, err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, summary, explain(err.Error(), err, hyperterseAdvice))
}

// AdapterExists is the error of making an adapter that the file has already.
func AdapterExists(summary, typeName, file, name string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("name"), summary, fmt.Sprintf(
		"%s has an adapter %q already, and the provider does not take over what it did not make. Nothing was changed.\n\n"+
			"To manage that adapter from now on, import it: terraform import %s.<name> '%s#%s'", file, name, typeName, file, name))
}

// ConnectionString is the error of a connection string, or of an option, that can't stand in a .terse file. Variable is
// what to call the environment variable that holds it instead.
func ConnectionString(at path.Path, connector, variable string, err error) diag.Diagnostic {
	if !errors.Is(err, hyperterse.ErrInlinePassword) {
		return diag.NewAttributeErrorDiagnostic(at, "Invalid connection string", fmt.Sprintf(
			"For the connector %q: %s.", connector, err))
	}
	return diag.NewAttributeErrorDiagnostic(at, "Password in the configuration", fmt.Sprintf(
		"A password here can be read by everyone who reads the configuration, the .terse file, the plan or the state. "+
			"Let Hyperterse take it from its environment; write instead:\n\n  connection_string = \"%s\"\n\n"+
			"and set %s where the gateway runs, or with the dotenv of terrascale_adapter.", hyperterse.Reference(variable), variable))
}

// UnusedVariable is the warning about a variable that nothing in the adapter refers to.
func UnusedVariable(at path.Path, variable string, used []string) diag.Diagnostic {
	refers := "refers to no variable"
	if len(used) > 0 {
		refers = "refers to " + strings.Join(used, ", ")
	}
	return diag.NewAttributeWarningDiagnostic(at, "Variable without a use", fmt.Sprintf(
		"The adapter %s, so that Hyperterse does not use %s for it.\nInstead: connection_string = \"%s\", or the variable that it refers to.",
		refers, variable, hyperterse.Reference(variable)))
}

// Options is the warning about the options that a connector's driver does not know. It is one for all, since Terraform
// shows only the first of several alike.
func Options(at path.Path, connector string, found []hyperterse.Advice) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(at, "Option unknown to the driver", listed(connector, "option", found))
}

// Parameters is the same about the parameters of a connection string.
func Parameters(at path.Path, connector string, found []hyperterse.Advice) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(at, "Parameter unknown to the driver", listed(connector, "parameter", found))
}

func listed(connector, kind string, found []hyperterse.Advice) string {
	details := make([]string, len(found))
	for i, advice := range found {
		details[i] = fmt.Sprintf("Connector %q, %s %q: %s\nInstead: %s.", connector, kind, advice.Option, advice.Problem, advice.Instead)
	}
	return strings.Join(details, "\n\n")
}
