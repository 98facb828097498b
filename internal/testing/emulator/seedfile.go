// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator/store"
)

// The file's own types: secrets are plain text in it, and nowhere else.
type (
	seedFile struct {
		Users         []userFile         `yaml:"users"`
		Organizations []organizationFile `yaml:"organizations"`
	}
	userFile struct {
		ID          string `yaml:"id"`
		Email       string `yaml:"email"`
		Name        string `yaml:"name"`
		Password    string `yaml:"password"`
		TOTPSecret  string `yaml:"totp_secret"`
		EmailFactor bool   `yaml:"email_factor"`
		Verified    *bool  `yaml:"verified"`
	}
	organizationFile struct {
		ID           string         `yaml:"id"`
		Name         string         `yaml:"name"`
		Slug         string         `yaml:"slug"`
		Plan         string         `yaml:"plan"`
		BillingEmail *string        `yaml:"billing_email"`
		Environment  string         `yaml:"environment"`
		RequireMFA   bool           `yaml:"require_mfa"`
		Limits       *limitsFile    `yaml:"limits"`
		Members      []memberFile   `yaml:"members"`
		APIKeys      []keyFile      `yaml:"api_keys"`
		Databases    []databaseFile `yaml:"databases"`
		IPAllowlist  []string       `yaml:"ip_allowlist"`
	}
	limitsFile struct {
		Databases int `yaml:"databases"`
		APIKeys   int `yaml:"api_keys"`
		Members   int `yaml:"members"`
	}
	memberFile struct {
		Email   string `yaml:"email"`
		Role    string `yaml:"role"`
		Pending bool   `yaml:"pending"`
	}
	keyFile struct {
		Name      string     `yaml:"name"`
		Scopes    []string   `yaml:"scopes"`
		ExpiresAt *time.Time `yaml:"expires_at"`
		Secret    string     `yaml:"secret"`
		Revoked   bool       `yaml:"revoked"`
	}
	databaseFile struct {
		ID     string `yaml:"id"`
		Name   string `yaml:"name"`
		Region string `yaml:"region"`
	}
)

// ReadSeedFile is ReadSeed of a file.
func ReadSeedFile(path string) (Seed, error) {
	file, err := os.Open(path) //nolint:gosec // whoever starts the emulator names the file
	if err != nil {
		return Seed{}, fmt.Errorf("reading the seed: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	seed, err := ReadSeed(file)
	if err != nil {
		return Seed{}, fmt.Errorf("%s: %w", path, err)
	}
	return seed, nil
}

// ReadSeed reads a seed in YAML or JSON:
//
//	users:
//	  - email: owner@example.com
//	    name: Olivia Owner
//	    password: correct horse
//	    totp_secret: KRSXE4TBKNRWC3DFKRCVEUSB   # and email_factor: true, verified: false
//	organizations:
//	  - id: org_example
//	    name: Example
//	    plan: enterprise                         # free, pro
//	    environment: test                        # its keys start with ts_test_ instead of ts_live_
//	    limits: {databases: 3, api_keys: 10, members: 5}
//	    members: [{email: owner@example.com, role: owner}]
//	    api_keys: [{name: ci, scopes: ["database:read"], secret: ts_test_example}]
//	    databases: [{id: db_example, name: example}]
//	    ip_allowlist: [203.0.113.0/24]
//
// A name that it does not know is an error with its line. New judges the values.
func ReadSeed(reader io.Reader) (Seed, error) {
	var file seedFile
	decoder := yaml.NewDecoder(reader)
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return Seed{}, fmt.Errorf("it is not a seed: %w", err)
	}
	var seed Seed
	for _, user := range file.Users {
		seed.Users = append(seed.Users, SeedUser{
			ID: user.ID, Email: user.Email, Name: user.Name, Password: secret.New(user.Password),
			TOTPSecret: secret.New(user.TOTPSecret), EmailFactor: user.EmailFactor,
			Unverified: user.Verified != nil && !*user.Verified,
		})
	}
	for _, organization := range file.Organizations {
		converted, err := organization.seed()
		if err != nil {
			return Seed{}, err
		}
		seed.Organizations = append(seed.Organizations, converted)
	}
	return seed, nil
}

func (o organizationFile) seed() (SeedOrganization, error) {
	if o.Environment != "" && o.Environment != "live" && o.Environment != "test" {
		return SeedOrganization{}, fmt.Errorf("organization %q: environment must be live or test", o.Name)
	}
	seed := SeedOrganization{
		ID: o.ID, Name: o.Name, Slug: o.Slug, Plan: o.Plan, BillingEmail: o.BillingEmail, RequireMFA: o.RequireMFA,
		Testing: o.Environment == "test", Limits: (*store.Limits)(o.Limits), Allowlist: o.IPAllowlist,
	}
	for _, member := range o.Members {
		seed.Members = append(seed.Members, SeedMember(member))
	}
	for _, key := range o.APIKeys {
		seed.Keys = append(seed.Keys, SeedKey{
			Name: key.Name, Scopes: key.Scopes, ExpiresAt: key.ExpiresAt, Secret: secret.New(key.Secret), Revoked: key.Revoked,
		})
	}
	for _, database := range o.Databases {
		seed.Databases = append(seed.Databases, SeedDatabase(database))
	}
	return seed, nil
}
