// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package repository

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

// strictly reads JSON, and refuses what the target has no place for.
func strictly(text string, into any) error {
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is something after the value")
	}
	return nil
}

// asJSON gives a value as jsonencode writes it, and null for what is not there.
func asJSON(isThere bool, value any) (types.String, error) {
	if !isThere {
		return types.StringNull(), nil
	}
	plainValue, err := plain(value)
	if err != nil {
		return types.StringNull(), err
	}
	content, err := json.Marshal(plainValue)
	return types.StringValue(string(content)), err
}

// sameFields compares by value: JSON in any spelling, and nothing as an empty map.
func sameFields(a, b map[string]terrascale.RepositoryField) bool {
	if len(a) == 0 && len(b) == 0 {
		return true
	}
	one, errOne := plain(a)
	other, errOther := plain(b)
	return errOne == nil && errOther == nil && reflect.DeepEqual(one, other)
}

// plain gives JSON's own values, with numbers as they are written.
func plain(value any) (any, error) {
	content, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	var decoded any
	err = decoder.Decode(&decoded)
	return decoded, err
}

func firstError(diagnostics diag.Diagnostics) error {
	for _, diagnostic := range diagnostics.Errors() {
		return fmt.Errorf("%s: %s", diagnostic.Summary(), diagnostic.Detail())
	}
	return nil
}

// jsonText accepts a JSON value.
type jsonText struct{}

// Description says what is accepted.
func (jsonText) Description(context.Context) string { return "value must be JSON" }

// MarkdownDescription says what is accepted.
func (v jsonText) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (jsonText) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || json.Valid([]byte(req.ConfigValue.ValueString())) {
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Invalid JSON", fmt.Sprintf(
		"%q is not JSON. Write it as jsonencode(…), such as jsonencode(\"text\") for a text.", req.ConfigValue.ValueString()))
}
