// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

const (
	// credentialPrefix and credentialMarker together are how the provider knows a login as one of its short-lived ones.
	credentialPrefix = "tftmp_"
	credentialMarker = "Short-lived login, made and dropped by terraform-provider-terrascale."
	// credentialConnections is enough for one run's tool with a small pool.
	credentialConnections = 5
	credentialRandom      = 16
	// longestName is what the server keeps of a name, in bytes.
	longestName = 63
	readAllData = "membership in pg_read_all_data"
)

// shortLivedQuery reads the short-lived logins: one by its name, or all that have expired by the server's own clock where
// the name is empty.
const shortLivedQuery = `
SELECT r.rolname::text FROM pg_catalog.pg_roles r
WHERE pg_catalog.starts_with(r.rolname::text, $1)
  AND pg_catalog.shobj_description(r.oid, 'pg_authid') = $2
  AND CASE WHEN $3::text = '' THEN r.rolvaliduntil < pg_catalog.now() ELSE r.rolname = $3::text END
ORDER BY 1`

// Credential is a short-lived login.
type Credential struct {
	Username string
	Password secret.String
}

// CheckReader looks at what a login in a role could do beyond reading: attributes that SET ROLE would give it, and objects
// that it would own with the role, are errors (ErrElevatedRole); privileges are listed, such as 'INSERT on public.orders via
// PUBLIC'. A role that is not there is ErrRoleNotFound.
func (s *Server) CheckReader(ctx context.Context, name string) (excess []string, err error) {
	role, err := s.lookUp(ctx, name)
	if err != nil {
		return nil, err
	}
	if elevated := role.Members[name].Elevated; len(elevated) > 0 {
		return nil, fmt.Errorf("%w: it is %s", ErrElevatedRole, strings.Join(elevated, ", "))
	}
	var found dependents
	names := []string{name}
	err = s.read(ctx, s.config.Database, func(q querier) error {
		return read(ctx, q, readingsOf(found.questions(names)...)...)
	})
	if err != nil {
		return nil, err
	}
	for _, database := range found.elsewhere(s.config.Database) {
		owned, err := s.readOwned(ctx, database, names)
		if err != nil {
			return nil, err
		}
		found.owned = append(found.owned, owned...)
	}
	if len(found.owned) > 0 {
		return nil, fmt.Errorf("%w: it owns %s", ErrElevatedRole, strings.Join(dependentTexts(found.owned), ", "))
	}
	databases := slices.Concat(role.databases, []string{s.config.Database})
	slices.Sort(databases)
	for _, database := range slices.Compact(databases) {
		err := s.read(ctx, database, func(q querier) error {
			holds, err := readContents(ctx, q, scope{grantees: role.grantees(), schemas: []string{}})
			if err != nil {
				return err
			}
			for _, found := range holds.privileges(role, wanted{isUnknown: true}).Excess {
				if text := found.String(); found.Login == "" && text != readAllData {
					excess = append(excess, text)
				}
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("database %s: %w", database, err)
		}
	}
	slices.Sort(excess)
	return slices.Compact(excess), nil
}

// OpenCredential makes a login in a role, in one transaction: with a name and a password of its own, read-only by default,
// and of no use after until.
func (s *Server) OpenCredential(ctx context.Context, role string, until time.Time) (Credential, error) {
	credential := Credential{Username: credentialName(role), Password: secret.Generate(secret.DefaultLength)}
	verifier, err := NewVerifier(credential.Password)
	if err != nil {
		return Credential{}, err
	}
	attributes := Attributes{ConnectionLimit: credentialConnections, ValidUntil: &until}
	err = s.write(ctx, s.config.Database, func(p *part) error {
		// A look first, so that a role that is gone has the provider's own error.
		if _, err := p.readRole(role); err != nil {
			return err
		}
		login := naming(credential.Username, createLogin(credential.Username, verifier, attributes, role))
		marks := changesOf(commentOnRole(credential.Username, credentialMarker), setParameter(credential.Username, settingReadOnly, "on"))
		return p.finish(role, append(login, explained(marks, "mark login %s", credential.Username)...))
	})
	if err != nil {
		return Credential{}, err
	}
	return credential, nil
}

// credentialName makes a unique name with as much of the role's as fits.
func credentialName(role string) string {
	suffix := "_" + strings.ToLower(rand.Text()[:credentialRandom])
	room := longestName - len(credentialPrefix) - len(suffix)
	for len(role) > room {
		_, size := utf8.DecodeLastRuneInString(role)
		role = role[:len(role)-size]
	}
	return credentialPrefix + role + suffix
}

// ExtendCredential lets a short-lived login work until another time. One that is not there, or is not the provider's, is
// ErrRoleNotFound.
func (s *Server) ExtendCredential(ctx context.Context, username string, until time.Time) error {
	return s.write(ctx, s.config.Database, func(p *part) error {
		var found []string
		if err := p.read(readCredentials(&found, username)); err != nil {
			return err
		}
		if len(found) == 0 {
			return fmt.Errorf("%w: %s", ErrRoleNotFound, username)
		}
		return p.finish(username, explained(changesOf(extendLogin(username, until)), "extend login %s", username))
	})
}

// CloseCredential ends a short-lived login's sessions and drops it. One that is not there, or is not the provider's, is left
// alone. One that owns objects stays, with an *OwnedObjectsError, but can't log in any more.
func (s *Server) CloseCredential(ctx context.Context, username string) error {
	var found []string
	err := s.read(ctx, s.config.Database, func(q querier) error { return read(ctx, q, readCredentials(&found, username)) })
	if err != nil || len(found) == 0 {
		return err
	}
	err = s.dropMembers(ctx, username, true, func(*Observed) []string { return found })
	if errors.Is(err, ErrRoleNotFound) {
		return nil // Dropped between the two looks.
	}
	if !errors.Is(err, ErrRoleOwnsObjects) {
		return err
	}
	return errors.Join(err, s.write(ctx, s.config.Database, func(p *part) error {
		return p.finish(username, explained(changesOf(disableLogin(username)), "disable login %s", username))
	}), s.terminateSessions(ctx, found))
}

// SweepCredentials drops the short-lived logins that earlier runs left behind and that have expired.
func (s *Server) SweepCredentials(ctx context.Context) error {
	var leftovers []string
	err := s.read(ctx, s.config.Database, func(q querier) error { return read(ctx, q, readCredentials(&leftovers, "")) })
	errs := []error{err}
	for _, username := range leftovers {
		if err := s.CloseCredential(ctx, username); err != nil {
			errs = append(errs, fmt.Errorf("drop login %s: %w", username, err))
		}
	}
	return errors.Join(errs...)
}

// readCredentials finds the short-lived login of a name, or all that have expired.
func readCredentials(found *[]string, name string) reading {
	return readTexts(found, shortLivedQuery, credentialPrefix, credentialMarker, name)
}
