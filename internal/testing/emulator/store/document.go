// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

const documentVersion = 1

// document is the whole state, and the content of the data file.
type document struct {
	Version       int                       `json:"version"`
	Sequence      int                       `json:"sequence"` // the last number given to a record
	SigningKey    []byte                    `json:"signingKey"`
	Organizations map[string]*Organization  `json:"organizations"`
	Users         map[string]*userRecord    `json:"users"`
	Members       []*Member                 `json:"members"`
	Keys          map[string]*keyRecord     `json:"keys"`
	Databases     map[string]*Database      `json:"databases"`
	Repositories  map[string]*Repository    `json:"repositories"`
	Refreshes     map[string]*refreshRecord `json:"refreshes"`  // by the token's digest
	Logins        map[string]*loginRecord   `json:"logins"`     // by the pending token's digest
	Challenges    map[string]*challenge     `json:"challenges"` // by id
}

type keyRecord struct {
	APIKey
	Digest string `json:"digest"`
}

type userRecord struct {
	ID                     string         `json:"id"`
	Email                  string         `json:"email"`
	Name                   string         `json:"name"`
	PasswordHash           []byte         `json:"passwordHash"`
	Verified               bool           `json:"verified"`
	PersonalOrganizationID string         `json:"personalOrganizationId"`
	Factors                []factorRecord `json:"factors"`
}

type factorRecord struct {
	ID     string `json:"id"`
	Type   string `json:"type"`
	Secret string `json:"secret,omitempty"` // TOTP only: checking a code needs it in clear
}

type refreshRecord struct {
	UserID         string    `json:"userId"`
	OrganizationID string    `json:"organizationId"`
	ExpiresAt      time.Time `json:"expiresAt"`
	Spent          bool      `json:"spent"`
}

type loginRecord struct {
	UserID    string    `json:"userId"`
	ExpiresAt time.Time `json:"expiresAt"`
}

type challenge struct {
	FactorID  string    `json:"factorId"`
	UserID    string    `json:"userId"`
	Code      string    `json:"code,omitempty"` // e-mail factors only
	ExpiresAt time.Time `json:"expiresAt"`
	Failures  int       `json:"failures"`
}

func newDocument() *document {
	return &document{
		Version:       documentVersion,
		SigningKey:    newSigningKey(),
		Organizations: map[string]*Organization{},
		Users:         map[string]*userRecord{},
		Keys:          map[string]*keyRecord{},
		Databases:     map[string]*Database{},
		Repositories:  map[string]*Repository{},
		Refreshes:     map[string]*refreshRecord{},
		Logins:        map[string]*loginRecord{},
		Challenges:    map[string]*challenge{},
	}
}

// decodeDocument reads a data file's content and says what is wrong with one that this version can't use.
func decodeDocument(content []byte) (*document, error) {
	doc := newDocument()
	doc.Version, doc.SigningKey = 0, nil
	if err := json.Unmarshal(content, doc); err != nil {
		return nil, fmt.Errorf("it is not the JSON document that the emulator writes: %w", err)
	}
	if doc.Version != documentVersion {
		return nil, fmt.Errorf("it has version %d, this emulator reads version %d", doc.Version, documentVersion)
	}
	if len(doc.SigningKey) == 0 {
		return nil, errors.New("it has no signing key")
	}
	if err := doc.check(); err != nil {
		return nil, err
	}
	return doc, nil
}

// check finds records that point nowhere, so that no later call can meet them.
func (d *document) check() error {
	for id, org := range d.Organizations {
		if org == nil || org.ID != id {
			return fmt.Errorf("organization %q is damaged", id)
		}
	}
	for id, user := range d.Users {
		if user == nil || user.ID != id {
			return fmt.Errorf("user %q is damaged", id)
		}
	}
	for index, member := range d.Members {
		if member == nil || d.Organizations[member.OrganizationID] == nil {
			return fmt.Errorf("member number %d is damaged", index+1)
		}
		if member.UserID != nil && d.Users[*member.UserID] == nil {
			return fmt.Errorf("member %q is of an unknown user", member.Email)
		}
	}
	for id, key := range d.Keys {
		if key == nil || key.ID != id || d.Organizations[key.OrganizationID] == nil {
			return fmt.Errorf("API key %q is damaged", id)
		}
	}
	for id, database := range d.Databases {
		if database == nil || database.ID != id || d.Organizations[database.OrganizationID] == nil {
			return fmt.Errorf("database %q is damaged", id)
		}
		if database.Items == nil {
			database.Items = map[string]Item{}
		}
	}
	for id, repository := range d.Repositories {
		if repository == nil || repository.ID != id || d.Databases[repository.DatabaseID] == nil {
			return fmt.Errorf("repository %q is damaged", id)
		}
	}
	return d.checkSessions()
}

func (d *document) checkSessions() error {
	for _, refresh := range d.Refreshes {
		if refresh == nil || d.Users[refresh.UserID] == nil {
			return errors.New("a refresh token is damaged")
		}
	}
	for _, login := range d.Logins {
		if login == nil || d.Users[login.UserID] == nil {
			return errors.New("a pending login is damaged")
		}
	}
	for id, challenge := range d.Challenges {
		if challenge == nil || d.Users[challenge.UserID] == nil {
			return fmt.Errorf("challenge %q is damaged", id)
		}
	}
	return nil
}

func (d *document) nextSequence() int {
	d.Sequence++
	return d.Sequence
}

// sorted returns a map's records that match, in the order they were made.
func sorted[T any](records map[string]T, sequence func(T) int, match func(T) bool) []T {
	found := []T{}
	for _, record := range records {
		if match(record) {
			found = append(found, record)
		}
	}
	slices.SortFunc(found, func(a, b T) int { return sequence(a) - sequence(b) })
	return found
}
