// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package adapter

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret/fingerprint"
)

// keys of the private state.
const (
	// writtenKey holds the fingerprint of the value that the provider wrote, as JSON.
	writtenKey = "written"
	// importedKey is there from an import until the next apply: the variable may have any value by then.
	importedKey = "imported"
)

var yes = []byte("true")

// written knows the value that the provider wrote to the variable. Without a fingerprint nothing is known of it.
type written struct {
	Fingerprint string `json:"fingerprint,omitempty"`
}

func readWritten(ctx context.Context, private rotationschema.PrivateReader) (written, diag.Diagnostics) {
	content, diagnostics := private.GetKey(ctx, writtenKey)
	var w written
	if len(content) > 0 {
		if err := json.Unmarshal(content, &w); err != nil {
			diagnostics.Append(diagnostic.PrivateStateUnreadable("the fingerprint of the variable's value", err))
		}
	}
	return w, diagnostics
}

// saveWritten remembers the value that was written; an empty one that there is none.
func saveWritten(ctx context.Context, private rotationschema.PrivateWriter, value secret.String) diag.Diagnostics {
	var w written
	if !value.IsEmpty() {
		w.Fingerprint = fingerprint.OfSecret(value).Text()
	}
	content, err := json.Marshal(w)
	if err != nil {
		return diag.Diagnostics{diagnostic.PrivateStateUnwritable("the fingerprint of the variable's value", err)}
	}
	return private.SetKey(ctx, writtenKey, content)
}

// writtenValue gives the value that a variable was set to, and nothing where none was.
func writtenValue(variable *hyperterse.Variable) secret.String {
	if variable == nil {
		return secret.String{}
	}
	return variable.Value
}

// isOwn reports whether a value is the one that the provider wrote. Where that is not known, each is.
func (w written) isOwn(value secret.String) bool {
	return w.Fingerprint == "" || fingerprint.Parse(w.Fingerprint).IsOfSecret(value)
}

func isImported(ctx context.Context, private rotationschema.PrivateReader) (bool, diag.Diagnostics) {
	content, diagnostics := private.GetKey(ctx, importedKey)
	return string(content) == string(yes), diagnostics
}

// isWritten reports whether an apply from the old setting, if any, is to write the variable.
func (d dotenvModel) isWritten(old *dotenvModel) bool {
	return old == nil || !d.sameVariable(*old) || !d.ValueWOVersion.Equal(old.ValueWOVersion)
}

// toVariable gives the variable to set, with its value from the configuration. Another value that it has already is replaced only
// where it is the provider's to replace.
func (d dotenvModel) toVariable(where places, replaces func(secret.String) bool) *hyperterse.Variable {
	return &hyperterse.Variable{
		File: where.at(d.File.ValueString()), Name: d.Variable.ValueString(), Value: d.value(), Replaces: replaces,
	}
}

func (d dotenvModel) value() secret.String { return secret.New(d.ValueWO.ValueString()) }

func always(secret.String) bool { return true }

func never(secret.String) bool { return false }

// remove removes the variable, unless somebody else needs it: another adapter of the place, of the one that this one left, or of another
// file. An adapter that is being made writes its variable first, under the place's lock.
func (d dotenvModel) remove(ctx context.Context, where places, place, left hyperterse.Place, own string, w written) error {
	return place.Locked(ctx, func() error {
		file, variable := where.at(d.File.ValueString()), d.Variable.ValueString()
		isUsed, err := place.RefersTo(variable, own)
		if err == nil && !isUsed && left != place {
			isUsed, err = left.RefersTo(variable, own)
		}
		if err != nil || isUsed {
			return err
		}
		users, err := hyperterse.OtherUsers(file, variable, place, own)
		if err != nil || len(users) > 0 {
			return err
		}
		return hyperterse.RemoveVariable(ctx, file, variable, w.isOwn)
	})
}
