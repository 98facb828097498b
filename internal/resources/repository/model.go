// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package repository

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

// model is the resource in HCL's terms.
type model struct {
	ID                 types.String     `tfsdk:"id"`
	RepositoryID       types.String     `tfsdk:"repository_id"`
	DatabaseID         types.String     `tfsdk:"database_id"`
	Name               types.String     `tfsdk:"name"`
	EntityName         types.String     `tfsdk:"entity_name"`
	Schema             types.Map        `tfsdk:"schema"`
	DeletionProtection types.Bool       `tfsdk:"deletion_protection"`
	Status             types.String     `tfsdk:"status"`
	WasActive          types.Bool       `tfsdk:"was_active"`
	CreatedAt          customtypes.Time `tfsdk:"created_at"`
	Timeouts           timeouts.Value   `tfsdk:"timeouts"`
}

// toAPI gives what the service is asked for.
func (m model) toAPI() (terrascale.NewRepository, error) {
	repository := terrascale.NewRepository{Name: m.Name.ValueString(), EntityName: m.EntityName.ValueString()}
	if m.Schema.IsNull() {
		return repository, nil
	}
	fields, err := toFields(m.Schema)
	repository.Schema = fields
	return repository, err
}

// fromAPI takes over what the service says. The schema stays in the model's spelling where that means the same.
func (m *model) fromAPI(repository terrascale.Repository) error {
	m.ID = types.StringValue(m.DatabaseID.ValueString() + "/" + repository.ID)
	m.RepositoryID = types.StringValue(repository.ID)
	m.Name = types.StringValue(repository.Name)
	m.EntityName = types.StringValue(repository.EntityName)
	m.Status = types.StringValue(repository.Status)
	m.CreatedAt = customtypes.NewTime(repository.CreatedAt)
	// Of one that was imported nobody knows: it is taken for one that holds data.
	m.WasActive = types.BoolValue(m.WasActive.IsNull() || m.WasActive.ValueBool() || repository.Status == terrascale.StatusActive || repository.Status == "")
	if m.DeletionProtection.IsNull() {
		m.DeletionProtection = types.BoolValue(true)
	}
	known, err := toFields(m.Schema)
	if err != nil || sameFields(known, repository.Schema) {
		return err
	}
	m.Schema, err = fromFields(repository.Schema, levels)
	return err
}

// sameSchema compares the schemas of a plan and a state by value. One that is not known yet is another.
func sameSchema(ctx context.Context, plan, state model) bool {
	value, err := plan.Schema.ToTerraformValue(ctx)
	if err != nil || !value.IsFullyKnown() {
		return false
	}
	wanted, err := toFields(plan.Schema)
	if err != nil {
		return false
	}
	known, err := toFields(state.Schema)
	return err == nil && sameFields(wanted, known)
}
