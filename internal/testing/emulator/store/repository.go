// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// NewRepository is what a caller chooses of a new repository. Schema may be empty.
type NewRepository struct {
	Name, EntityName string
	Schema           json.RawMessage
}

var fieldTypes = []string{"string", "number", "boolean", "array", "object"}

// schemaField is what the emulator checks of one field's definition; the other attributes are kept as they came.
type schemaField struct {
	Type       string                 `json:"type"`
	Items      *schemaField           `json:"items"`
	Properties map[string]schemaField `json:"properties"`
}

// CreateRepository needs the role member. Names are unique in a database.
func (s *Store) CreateRepository(actor Actor, databaseID string, wanted NewRepository) (created Repository, err error) {
	err = s.update(func(d *document) error {
		database, err := d.database(actor, databaseID, Regular)
		if err != nil {
			return err
		}
		if strings.TrimSpace(wanted.Name) == "" || strings.TrimSpace(wanted.EntityName) == "" {
			return refuse(Invalid, "name and entityName must not be empty.")
		}
		if err := checkSchema(wanted.Schema); err != nil {
			return err
		}
		for _, repository := range d.repositories(databaseID) {
			if repository.Name == wanted.Name {
				return refuse(Conflict, "There is a repository %q already.", wanted.Name)
			}
		}
		created = Repository{
			ID: newID("repo_"), DatabaseID: database.ID, Name: wanted.Name, EntityName: wanted.EntityName,
			Schema: wanted.Schema, CreatedAt: s.now(), Sequence: d.nextSequence(),
		}
		record := created
		d.Repositories[record.ID] = &record
		return nil
	})
	return created, err
}

func checkSchema(schema json.RawMessage) error {
	if len(schema) == 0 {
		return nil
	}
	var fields map[string]schemaField
	if err := json.Unmarshal(schema, &fields); err != nil {
		return refuse(Invalid, "schema must be an object of field definitions.")
	}
	return checkFields("schema", fields)
}

func checkFields(path string, fields map[string]schemaField) error {
	for name, field := range fields {
		if err := checkField(fmt.Sprintf("%s.%s", path, name), field); err != nil {
			return err
		}
	}
	return nil
}

func checkField(path string, field schemaField) error {
	if !slices.Contains(fieldTypes, field.Type) {
		return refuse(Invalid, "%s.type must be one of %s.", path, strings.Join(fieldTypes, ", "))
	}
	if field.Items != nil {
		if err := checkField(path+".items", *field.Items); err != nil {
			return err
		}
	}
	return checkFields(path+".properties", field.Properties)
}

// Repositories lists one page, oldest first.
func (s *Store) Repositories(actor Actor, databaseID string, page Page) (found []Repository, next string, err error) {
	err = s.view(func(d *document) error {
		if _, err := d.database(actor, databaseID, ReadOnly); err != nil {
			return err
		}
		var err error
		found, next, err = paginate(d.repositories(databaseID), func(r Repository) int { return r.Sequence }, page)
		return err
	})
	return found, next, err
}

func (d *document) repositories(databaseID string) []Repository {
	records := sorted(d.Repositories, func(r *Repository) int { return r.Sequence }, func(r *Repository) bool {
		return r.DatabaseID == databaseID
	})
	found := make([]Repository, len(records))
	for index, record := range records {
		found[index] = *record
	}
	return found
}

// Repository reads one.
func (s *Store) Repository(actor Actor, databaseID, id string) (found Repository, err error) {
	err = s.view(func(d *document) error {
		record, err := d.repository(actor, databaseID, id, ReadOnly)
		if err != nil {
			return err
		}
		found = *record
		return nil
	})
	return found, err
}

// DeleteRepository needs the role member.
func (s *Store) DeleteRepository(actor Actor, databaseID, id string) error {
	return s.update(func(d *document) error {
		record, err := d.repository(actor, databaseID, id, Regular)
		if err != nil {
			return err
		}
		delete(d.Repositories, record.ID)
		return nil
	})
}

func (d *document) repository(actor Actor, databaseID, id, role string) (*Repository, error) {
	database, err := d.database(actor, databaseID, role)
	if err != nil {
		return nil, err
	}
	record := d.Repositories[id]
	if record == nil || record.DatabaseID != database.ID {
		return nil, refuse(NotFound, "There is no repository %s in database %s.", id, databaseID)
	}
	return record, nil
}
