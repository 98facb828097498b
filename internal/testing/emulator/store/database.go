// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"encoding/json"
	"regexp"
)

var databaseName = regexp.MustCompile(`^[a-z][a-z0-9-]{2,62}$`)

// NewDatabase is what a caller chooses of a new database.
type NewDatabase struct {
	Name, Region string
	Settings     json.RawMessage
}

// CreateDatabase needs the role member. Names are unique in an organization.
func (s *Store) CreateDatabase(actor Actor, wanted NewDatabase) (created Database, err error) {
	err = s.update(func(d *document) error {
		org, err := d.enterActive(actor, Regular)
		if err != nil {
			return err
		}
		if !databaseName.MatchString(wanted.Name) {
			return refuse(Invalid, "name must have 3 to 63 characters a-z, 0-9 and hyphens, and start with a letter.")
		}
		if wanted.Region == "" {
			return refuse(Invalid, "region must not be empty.")
		}
		existing := d.databases(org.ID)
		for _, database := range existing {
			if database.Name == wanted.Name {
				return refuse(Conflict, "There is a database %q already.", wanted.Name)
			}
		}
		if limit := org.Limit().Databases; len(existing) >= limit {
			return refuse(Forbidden, "The organization has its %d databases already (settings.maxDatabases).", limit)
		}
		created = *d.addDatabase(Database{
			ID: newID("db_"), OrganizationID: org.ID, Name: wanted.Name, Region: wanted.Region,
			Settings: wanted.Settings, CreatedAt: s.now(),
		})
		return nil
	})
	return created, err
}

func (d *document) addDatabase(database Database) *Database {
	database.Sequence, database.Items = d.nextSequence(), map[string]Item{}
	d.Databases[database.ID] = &database
	return &database
}

// Databases lists one page, oldest first.
func (s *Store) Databases(actor Actor, page Page) (found []Database, next string, err error) {
	err = s.view(func(d *document) error {
		org, err := d.enterActive(actor, ReadOnly)
		if err != nil {
			return err
		}
		found, next, err = paginate(d.databases(org.ID), func(db Database) int { return db.Sequence }, page)
		return err
	})
	return found, next, err
}

func (d *document) databases(organizationID string) []Database {
	records := sorted(d.Databases, func(db *Database) int { return db.Sequence }, func(db *Database) bool {
		return db.OrganizationID == organizationID
	})
	found := make([]Database, len(records))
	for index, record := range records {
		found[index] = record.snapshot()
	}
	return found
}

// snapshot copies a database without its items, whose map goes on changing, and counts them.
func (db *Database) snapshot() Database {
	shown := *db
	shown.ItemCount = len(db.Items)
	for _, item := range db.Items {
		shown.StorageBytes += len(item.Data)
	}
	shown.Items = nil
	return shown
}

// Database reads one.
func (s *Store) Database(actor Actor, id string) (found Database, err error) {
	err = s.view(func(d *document) error {
		database, err := d.database(actor, id, ReadOnly)
		if err != nil {
			return err
		}
		found = database.snapshot()
		return nil
	})
	return found, err
}

// DeleteDatabase needs the role member; its repositories and items go with it.
func (s *Store) DeleteDatabase(actor Actor, id string) error {
	return s.update(func(d *document) error {
		database, err := d.database(actor, id, Regular)
		if err != nil {
			return err
		}
		d.dropDatabase(database.ID)
		return nil
	})
}

func (d *document) dropDatabase(id string) {
	for repositoryID, repository := range d.Repositories {
		if repository.DatabaseID == id {
			delete(d.Repositories, repositoryID)
		}
	}
	delete(d.Databases, id)
}

// database finds one of the actor's organization.
func (d *document) database(actor Actor, id, role string) (*Database, error) {
	org, err := d.enterActive(actor, role)
	if err != nil {
		return nil, err
	}
	return d.databaseIn(org.ID, id)
}

func (d *document) databaseIn(organizationID, id string) (*Database, error) {
	database := d.Databases[id]
	if database == nil || database.OrganizationID != organizationID {
		return nil, refuse(NotFound, "There is no database %s.", id)
	}
	return database, nil
}
