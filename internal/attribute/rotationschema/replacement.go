// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package rotationschema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// Replacement follows what is rotated through a run, to say when it is replaced instead: without an overlap. Of a tainted resource,
// Terraform plans the new one only, and it shows no warning of the plan of -replace.
type Replacement struct {
	Claims *providerdata.Claims
	// Kind and Name are such as API key and prod-backend; names of a kind on several servers say which one.
	Kind, Name string
	// Credential is the word for what is rotated, such as key, and Ends what becomes of it, such as revoked.
	Credential, Ends string
}

func (r Replacement) thing(what string) string { return r.Kind + " " + what + ": " + r.Name }

// Refreshed says that the state has a credential.
func (r Replacement) Refreshed(id string) { r.Claims.Keep(r.thing("in the state"), id) }

// Planned says that a credential of the state was planned, and is not tainted.
func (r Replacement) Planned(id string) { r.Claims.End(r.thing("in the state"), id) }

// Ended says that the apply is about to end a credential.
func (r Replacement) Ended(id string) { r.Claims.End(r.thing("ended in this apply"), id) }

// ExplainPlan says, in the plan of what is to be made, that it takes the place of a tainted one.
func (r Replacement) ExplainPlan() diag.Diagnostics {
	planned := r.Claims.Ended(r.thing("in the state"))
	isTainted := slices.ContainsFunc(r.Claims.Kept(r.thing("in the state")), func(id string) bool { return !slices.Contains(planned, id) })
	if !isTainted {
		return nil
	}
	return warning(fmt.Sprintf("A rotating %s will be replaced: %s", r.Kind, r.Name), fmt.Sprintf("The resource is tainted, so this apply ends its %s, and the one before it, too: whoever uses them "+
		"fails from then on. A replacement has no overlap.\n\nTo rotate with the overlap instead, run terraform untaint, and change "+
		"rotation.trigger.", r.Credential))
}

// ExplainApply says after the apply of a replacement what it did; made is the new credential.
func (r Replacement) ExplainApply(made string) diag.Diagnostics {
	ended := r.Claims.Ended(r.thing("ended in this apply"))
	if len(ended) == 0 {
		return nil
	}
	return warning(fmt.Sprintf("A rotating %s was replaced: %s", r.Kind, r.Name), fmt.Sprintf("%s was %s at once, without the overlap of rotation: whoever uses it fails until it gets the new %s "+
		"(%s). To rotate with the overlap, change rotation.trigger instead of using -replace.", strings.Join(ended, ", "), r.Ends, r.Credential, made))
}

func warning(summary, detail string) diag.Diagnostics {
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root(Name), summary, detail)}
}
