// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package passwordschema

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret/fingerprint"
)

// Record is what is remembered of the password in force.
type Record struct {
	// SetAt is when it was set.
	SetAt time.Time
	// Fingerprint is that of what the server kept of it; nil where that is not known.
	Fingerprint *fingerprint.Fingerprint
	// Own is set when the configuration brought it.
	Own bool
	// Changed is set when the server was last seen to keep something else.
	Changed bool
}

// recordKey is where the private state keeps what is not an attribute, as JSON.
const recordKey = "password"

type privateRecord struct {
	Own     bool `json:"own"`
	Changed bool `json:"changed,omitempty"`
}

// ReadRecord gives what is remembered; known is false when nothing is (an import): then the age counts from now, and the
// password counts as the configuration's where that has a version for it.
func ReadRecord(
	ctx context.Context, private rotationschema.PrivateReader, setAt customtypes.Time, sum types.String, configured Configured,
	kept Kept, now time.Time,
) (record Record, known bool, diagnostics diag.Diagnostics) {
	record = Record{SetAt: now, Own: !configured.WriteOnlyVersion.IsNull()}
	at := customtypes.ParseTime(setAt)
	if at == nil {
		return record, false, nil
	}
	record = Record{
		SetAt: *at, Fingerprint: fingerprint.Parse(sum.ValueString()),
		// For a private state that was lost: what is not kept is the configuration's.
		Own: kept.Password.IsNull() && kept.Encrypted.IsNull(),
	}
	content, diagnostics := private.GetKey(ctx, recordKey)
	if len(content) == 0 || diagnostics.HasError() {
		return record, true, diagnostics
	}
	var rest privateRecord
	if err := json.Unmarshal(content, &rest); err != nil {
		diagnostics.Append(diagnostic.PrivateStateUnreadable("what is kept about the password", err))
		return record, true, diagnostics
	}
	record.Own, record.Changed = rest.Own, rest.Changed
	return record, true, diagnostics
}

// Save keeps in the private state what is not an attribute.
func (r Record) Save(ctx context.Context, private rotationschema.PrivateWriter) diag.Diagnostics {
	content, err := json.Marshal(privateRecord{Own: r.Own, Changed: r.Changed})
	if err != nil {
		return diag.Diagnostics{diagnostic.PrivateStateUnwritable("what is to be known about the password", err)}
	}
	return private.SetKey(ctx, recordKey, content)
}

// Attributes gives what is kept as attributes.
func (r Record) Attributes() (setAt customtypes.Time, sum types.String) {
	sum = types.StringNull()
	if text := r.Fingerprint.Text(); text != "" {
		sum = types.StringValue(text)
	}
	return customtypes.NewTime(r.SetAt), sum
}

// UnknownRecord gives the attributes of a password that is to be set.
func UnknownRecord() (setAt customtypes.Time, sum types.String) {
	return customtypes.Time{StringValue: types.StringUnknown()}, types.StringUnknown()
}

// Lose notes that the password may be gone: of a login that was disabled, and whose password can't be looked at. It reports whether there is
// something new to save.
func (r *Record) Lose() (isNews bool) {
	isNews = !r.Changed
	r.Changed = true
	return isNews
}

// Look compares the password with what the server keeps of one, as a digest that is empty where that is not known. It
// reports whether there is something new to save.
func (r *Record) Look(digest string) (isNews bool) {
	switch {
	case digest == "":
		return false
	case r.Fingerprint == nil:
		r.Fingerprint = fingerprint.New(digest)
		return false
	}
	changed := !r.Fingerprint.Is(digest)
	isNews = changed != r.Changed
	r.Changed = changed
	return isNews
}
