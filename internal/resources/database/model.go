// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package database

import (
	"bytes"
	"encoding/json"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

// model is the resource in HCL's terms.
type model struct {
	ID                 types.String     `tfsdk:"id"`
	Name               types.String     `tfsdk:"name"`
	Region             types.String     `tfsdk:"region"`
	Settings           types.String     `tfsdk:"settings"`
	DeletionProtection types.Bool       `tfsdk:"deletion_protection"`
	Status             types.String     `tfsdk:"status"`
	WasActive          types.Bool       `tfsdk:"was_active"`
	CreatedAt          customtypes.Time `tfsdk:"created_at"`
	Timeouts           timeouts.Value   `tfsdk:"timeouts"`
}

// toAPI gives what the service is asked for.
func (m model) toAPI() terrascale.NewDatabase {
	database := terrascale.NewDatabase{Name: m.Name.ValueString(), Region: m.Region.ValueString()}
	if settings := m.Settings.ValueString(); settings != "" {
		database.Settings = json.RawMessage(settings)
	}
	return database
}

// fromAPI takes over what the service says. Settings stay in the model's spelling where that means the same.
func (m *model) fromAPI(database terrascale.Database) {
	m.ID = types.StringValue(database.ID)
	m.Name = types.StringValue(database.Name)
	m.Region = types.StringValue(database.Region)
	m.Status = types.StringValue(database.Status)
	m.CreatedAt = customtypes.NewTime(database.CreatedAt)
	if m.Settings.IsUnknown() || !sameJSON(m.Settings.ValueString(), string(database.Settings)) {
		m.Settings = types.StringNull()
		if database.Settings != nil {
			m.Settings = types.StringValue(string(database.Settings))
		}
	}
	// Of one that was imported nobody knows: it is taken for one that holds data.
	m.WasActive = types.BoolValue(m.WasActive.IsNull() || m.WasActive.ValueBool() || database.Status == terrascale.StatusActive)
	if m.DeletionProtection.IsNull() {
		m.DeletionProtection = types.BoolValue(true)
	}
}

// sameJSON compares two JSON texts by value. Nothing, null and an empty object are the same.
func sameJSON(a, b string) bool {
	return reflect.DeepEqual(parsed(a), parsed(b))
}

// parsed gives a JSON object's value, with numbers as they are written.
func parsed(text string) map[string]any {
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	value := map[string]any{}
	if err := decoder.Decode(&value); err != nil || value == nil {
		return map[string]any{}
	}
	return value
}
