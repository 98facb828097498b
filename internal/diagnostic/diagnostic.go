// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package diagnostic holds the wording of the provider's errors and warnings: a static summary, and a detail with what
// happened, the server's own words, and what to do next.
package diagnostic

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

// advice is what to do about an error, found by errors.Is.
type advice struct {
	cause error
	text  string
}

// explain gives the detail of an error: its own words and, where there is one, the first fitting piece of advice.
func explain(words string, err error, known []advice) string {
	if again := repeated(words, err); again != "" {
		return again
	}
	if advised := advise(words, err, known); advised != words {
		return advised
	}
	if text := unreachable(err); text != "" {
		return words + "\n\n" + text
	}
	return words
}

// advise adds what to do about the first cause that is known.
func advise(words string, err error, known []advice) string {
	for _, a := range known {
		if errors.Is(err, a.cause) {
			return words + "\n\n" + a.text
		}
	}
	return words
}

// repeated gives the words for a failure that another resource told in full, with what to do, and nothing for any other.
func repeated(words string, err error) string {
	var shared interface {
		error
		Tell() (inFull bool)
	}
	if !errors.As(err, &shared) || shared.Tell() {
		return ""
	}
	first, _, _ := strings.Cut(words, "\n")
	return "The same failure as another resource's in this run, where it is told in full. It was not tried again: " + first
}

// ProviderData gives what the provider handed to a resource: nil while a configuration is validated, when the provider is
// not configured, and nil with an error for anything unexpected, which is a bug.
func ProviderData(got any, diagnostics *diag.Diagnostics) *providerdata.Data {
	if got == nil {
		return nil
	}
	data, ok := got.(*providerdata.Data)
	if !ok {
		diagnostics.AddError("Unexpected provider data",
			fmt.Sprintf("The resource was configured with %T. This is a bug in the provider: please report it.", got))
	}
	return data
}

// Findings turns findings of the least-privilege rules into warnings, or into errors where they are enforced. The summary tells one from
// another: Terraform folds those together that have the same.
func Findings(p policy.Policy, at path.Path, findings []policy.Finding) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	for _, finding := range findings {
		summary := "Least privilege: " + finding.Rule + ", " + finding.Subject
		detail := finding.What + "\n" + finding.Why + "\nInstead: " + finding.Instead +
			"\nTo accept it, say why: policy_exceptions = { " + finding.Rule + " = \"…\" }"
		switch {
		case p.Level == policy.Off:
		case p.Level == policy.Enforce && !finding.Advisory:
			diagnostics.AddAttributeError(at, summary, detail)
		default:
			diagnostics.AddAttributeWarning(at, summary, detail)
		}
	}
	return diagnostics
}

// AsWarnings says of what an apply will refuse that it will: nothing that depends on a service may stand in the way of a destroy
// before it is tried.
func AsWarnings(found diag.Diagnostics) diag.Diagnostics {
	said := make(diag.Diagnostics, 0, len(found))
	for _, d := range found {
		if d.Severity() == diag.SeverityError {
			d = diag.NewWarningDiagnostic(d.Summary(), d.Detail()+"\n\nIf nothing changes until then, the apply will fail.")
		}
		said = append(said, d)
	}
	return said
}
