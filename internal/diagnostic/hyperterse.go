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
	{hyperterse.ErrBlockSyntax, "The file was left as it is. The provider edits YAML only: write the file's adapters as YAML, under 'adapters:' with one entry each."},
	{hyperterse.ErrAlias, "The file was left as it is, because an edit would change everything that uses the same text. Write the adapter's values out, without anchors (&), aliases (*) and merge keys (<<)."},
	{hyperterse.ErrLayout, "The file was left as it is. Write the adapter in the usual layout, with one key a line, and apply again."},
	{hyperterse.ErrVersion2, "Nothing was changed. Name the folder of .hyperterse with project, instead of config_file."},
	{hyperterse.ErrVersion1, "Nothing was changed. Name that file with config_file, instead of project."},
	{hyperterse.ErrNoProject, "Nothing was changed. Name the folder that holds .hyperterse ('hyperterse init' creates one). For Hyperterse 1, name its .terse file with config_file instead."},
	{hyperterse.ErrIgnoredAdapters, "Nothing was changed. Import each with this provider once it has a file of its own, or remove it."},
	{hyperterse.ErrTwoFiles, "Neither was changed. Hyperterse uses one of them, and does not say which. Remove one, or give it another name."},
	{hyperterse.ErrOutside, "Nothing was changed. Put the file itself into the project."},
	{hyperterse.ErrInvalidFile, "The file was left as it is. Correct it first. 'hyperterse validate' checks it ('hyperterse validate -f FILE' with version 1)."},
	{hyperterse.ErrUnwritableValue, "Nothing was changed. An environment variable can't hold a zero byte. Remove it from value_wo."},
}

// Hyperterse is the error of a failed look at, or change of, a .terse or .env file.
func Hyperterse(at path.Path, summary string, err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, summary, explain(err.Error(), err, hyperterseAdvice))
}

// AdapterExists is the error of making an adapter that the file has already.
func AdapterExists(summary, typeName, file, name string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("name"), summary, fmt.Sprintf(
		"%s has an adapter %q already, and the provider does not take over what it did not make. Nothing was changed.\n\n"+
			"To manage that adapter from now on, import it: %s", file, name, ImportAdapter(typeName, file, name)))
}

// VariableTaken is the error of setting a variable that somebody else has set, to another value. The import is what takes the
// variable of an adapter over that is not managed yet; empty for one that is.
func VariableTaken(summary, dotenv, variable, importCommand string) diag.Diagnostic {
	next := "To have the provider set the variable, remove it from the file first, or give value_wo the value that is there."
	if importCommand != "" {
		next += " If the adapter is in its file already, importing it takes the variable over, too: " + importCommand
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("dotenv").AtName("variable"), summary, fmt.Sprintf(
		"%s sets %s already, to another value than value_wo, and the provider does not overwrite what it did not write. Nothing was "+
			"changed.\n\n%s", dotenv, variable, next))
}

// ImportAdapter is the command that imports an adapter.
func ImportAdapter(typeName, file, name string) string {
	return fmt.Sprintf("terraform import %s.<name> '%s#%s'", typeName, file, name)
}

// VariableTakenOver is the warning that an imported adapter's variable gets another value.
func VariableTakenOver(at path.Path, dotenv, variable string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(at, "Variable will be overwritten: "+variable, fmt.Sprintf(
		"%s sets %s to another value than value_wo. This apply replaces it: the adapter was imported.", dotenv, variable))
}

// VariableStays is the warning that a variable could not be removed.
func VariableStays(dotenv, variable string, err error) diag.Diagnostic {
	if errors.Is(err, hyperterse.ErrVariableTaken) {
		return diag.NewWarningDiagnostic("Variable left in the .env file: "+variable, fmt.Sprintf(
			"%s sets %s to another value than the provider wrote: somebody changed it. It was left there. Remove it by hand if nothing "+
				"needs it.", dotenv, variable))
	}
	return diag.NewAttributeWarningDiagnostic(path.Root("dotenv"), "Unable to remove the old variable: "+variable, fmt.Sprintf(
		"The adapter was changed, but %s is still set in %s: %s. Remove the variable by hand.", variable, dotenv, err))
}

// TwoValues is the error of two adapters that give one variable two values.
func TwoValues(at path.Path, dotenv, variable, keeper, rival string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Two values for one variable", fmt.Sprintf(
		"The %s and the %s both set %s in %s, to two values. Hyperterse would find only one of them.\n\n"+
			"Give each adapter a variable of its own, or the same value_wo.", keeper, rival, variable, dotenv))
}

// AnotherDotenv is the warning that Hyperterse 2 does not read the file that the variable is written to.
func AnotherDotenv(at path.Path, dotenv, read string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(at, "Hyperterse does not read this .env file: "+dotenv, fmt.Sprintf(
		"Hyperterse 2 reads %s, beside .hyperterse, and not %s. Leave file out to use that one, unless something else reads the variable from "+
			"the file that you named.", read, dotenv))
}

// DotenvHidden is the warning that Hyperterse reads another file than the one that the variable is written to.
func DotenvHidden(at path.Path, dotenv, read string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(at, "Another .env file is read first: "+read, fmt.Sprintf(
		"Hyperterse reads the first of .env.local, .env.development and .env that it finds in a folder, and no other: %s, and not %s. Remove that "+
			"file where the gateway runs, or name it in file.", read, dotenv))
}

// AdapterInUse is the warning about what names an adapter that will not be there any more; becomes says what happens to it.
func AdapterInUse(place, name, becomes string, uses []string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Adapter in use: "+name, fmt.Sprintf(
		"Adapter %q of %s %s, and these name it in use:\n\n  - %s\n\nChange them yourself. Without the adapter, Hyperterse 1 does "+
			"not start, and a tool of Hyperterse 2 fails whenever it is called.", name, place, becomes, strings.Join(uses, "\n  - ")))
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
	return diag.NewAttributeWarningDiagnostic(at, "Variable is not used: "+variable, fmt.Sprintf(
		"The adapter %s, so that Hyperterse does not use %s for it.\nInstead: connection_string = \"%s\", or the variable that it refers to.",
		refers, variable, hyperterse.Reference(variable)))
}

// Options is the warning about the options that a connector's driver does not know. It is one for all, since Terraform
// shows only the first of several alike.
func Options(at path.Path, adapter, connector string, found []hyperterse.Advice) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(at, "Option unknown to the driver: adapter "+adapter, listed(connector, "option", found))
}

// Parameters is the same about the parameters of a connection string.
func Parameters(at path.Path, adapter, connector string, found []hyperterse.Advice) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(at, "Parameter unknown to the driver: adapter "+adapter, listed(connector, "parameter", found))
}

func listed(connector, kind string, found []hyperterse.Advice) string {
	details := make([]string, len(found))
	for i, advice := range found {
		details[i] = fmt.Sprintf("Connector %q, %s %q: %s\nInstead: %s.", connector, kind, advice.Option, advice.Problem, advice.Instead)
	}
	return strings.Join(details, "\n\n")
}

// PasswordNotTaken is the error of keeping a fresh password that the login which it is for does not take in this run.
func PasswordNotTaken(at path.Path, keeper, login string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Password not taken by its login", fmt.Sprintf(
		"%s would get a password that was generated in this run, but %s keeps the one that it has. Nobody could log in "+
			"with the new one, so nothing is written.\n\n"+
			"An ephemeral password exists only in the run that sets it. It is missing here because this is another checkout than "+
			"the one that keeps it, or because an earlier run set the password and could not write it. Do one of these:\n\n"+
			"  - Change rotation.trigger (or password_wo_version) of %s. It then gets a new password, and this apply writes it everywhere.\n"+
			"  - So that any run can write it, replace password_wo by age_recipients, and take the value from "+
			"provider::terrascale::age_decrypt(password_encrypted, identity).\n"+
			"  - Restore the file that holds the value, and plan again.", keeper, login, login))
}
