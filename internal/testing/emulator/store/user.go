// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// passwordCost is bcrypt's lowest: the users are made up, and each login of each test pays for it.
const passwordCost = bcrypt.MinCost

// Profile is a user and the organization that a fresh login acts on.
type Profile struct {
	User           User
	OrganizationID string // "" when the user has none
	Role           string // in that organization
}

// profile gathers a user's record for a token that acts on an organization. Where the user can't act on it, the
// personal one takes its place, then any the user has joined: a login never fails for want of one.
func (d *document) profile(user *userRecord, organizationID string) Profile {
	shown := Profile{User: User{
		ID: user.ID, Email: user.Email, Name: user.Name, Verified: user.Verified,
		PersonalOrganizationID: user.PersonalOrganizationID, Factors: []Factor{},
	}}
	for _, factor := range user.Factors {
		shown.User.Factors = append(shown.User.Factors, Factor{ID: factor.ID, Type: factor.Type})
	}
	candidates := []string{organizationID, user.PersonalOrganizationID}
	for _, member := range d.Members {
		candidates = append(candidates, member.OrganizationID)
	}
	for _, candidate := range candidates {
		member := d.memberByUser(candidate, user.ID)
		if member != nil && d.Organizations[candidate].Status != Deleted {
			shown.OrganizationID, shown.Role = candidate, member.Role
			break
		}
	}
	return shown
}

// Profile finds a user by e-mail, acting on an organization or, where that is "", the personal one.
func (s *Store) Profile(email, organizationID string) (found Profile, err error) {
	err = s.view(func(d *document) error {
		user := d.userByEmail(email)
		if user == nil {
			return refuse(NotFound, "There is no user %s.", email)
		}
		found = d.profile(user, organizationID)
		if organizationID != "" && found.OrganizationID != organizationID {
			return refuse(Forbidden, "%s is no member of organization %s.", email, organizationID)
		}
		return nil
	})
	return found, err
}

// SwitchOrganization gives the actor's profile in another organization.
func (s *Store) SwitchOrganization(actor Actor, organizationID string) (found Profile, err error) {
	err = s.view(func(d *document) error {
		user := d.Users[actor.UserID]
		if user == nil {
			return refuse(Unauthenticated, "The access token's user does not exist.")
		}
		found = d.profile(user, organizationID)
		if found.OrganizationID != organizationID {
			return refuse(Forbidden, "You are no member of organization %s.", organizationID)
		}
		if d.Organizations[organizationID].Status == Suspended {
			return refuse(Forbidden, "Organization %s is suspended.", organizationID)
		}
		return nil
	})
	return found, err
}

// KnowsUser reports whether a token's user still exists, and the plan of the organization it acts on ("" for none).
func (s *Store) KnowsUser(userID, organizationID string) (plan string, known bool) {
	_ = s.view(func(d *document) error {
		_, known = d.Users[userID]
		if org := d.Organizations[organizationID]; org != nil {
			plan = org.Plan
		}
		return nil
	})
	return plan, known
}

func (d *document) userByEmail(email string) *userRecord {
	for _, user := range d.Users {
		if sameEmail(user.Email, email) {
			return user
		}
	}
	return nil
}

// addUser records a user with a personal organization, as signing up does.
func (d *document) addUser(wanted SeedUser, now time.Time) (*userRecord, error) {
	if !validEmail(wanted.Email) {
		return nil, fmt.Errorf("user %q: email is not an e-mail address", wanted.Email)
	}
	if d.userByEmail(wanted.Email) != nil {
		return nil, fmt.Errorf("user %q is there twice", wanted.Email)
	}
	user := &userRecord{
		ID: cmp.Or(wanted.ID, newID("usr_")), Email: wanted.Email, Name: cmp.Or(wanted.Name, wanted.Email),
		Verified: !wanted.Unverified, Factors: []factorRecord{},
	}
	if d.Users[user.ID] != nil {
		return nil, fmt.Errorf("user id %q is there twice", user.ID)
	}
	if !wanted.Password.IsEmpty() {
		hash, err := bcrypt.GenerateFromPassword([]byte(wanted.Password.Reveal()), passwordCost)
		if err != nil {
			return nil, fmt.Errorf("user %q: %w", wanted.Email, err)
		}
		user.PasswordHash = hash
	}
	if !wanted.TOTPSecret.IsEmpty() {
		if err := checkTOTPSecret(wanted.TOTPSecret); err != nil {
			return nil, fmt.Errorf("user %q: %w", wanted.Email, err)
		}
		user.Factors = append(user.Factors, factorRecord{ID: newID("fac_"), Type: TOTP, Secret: wanted.TOTPSecret.Reveal()})
	}
	if wanted.EmailFactor {
		user.Factors = append(user.Factors, factorRecord{ID: newID("fac_"), Type: EmailFactor})
	}
	d.Users[user.ID] = user
	personal := d.addOrganization(Organization{
		ID: newID("org_"), Name: "Personal", Slug: "personal-" + newID(""), Plan: Free,
	}, user, now)
	user.PersonalOrganizationID = personal.ID
	return user, nil
}

// passwordMatches takes as long for an unknown user as for a known one.
func passwordMatches(user *userRecord, password secret.String) (bool, error) {
	hash := unknownUserHash
	if user != nil && len(user.PasswordHash) > 0 {
		hash = user.PasswordHash
	}
	err := bcrypt.CompareHashAndPassword(hash, []byte(password.Reveal()))
	if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) || errors.Is(err, bcrypt.ErrPasswordTooLong) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("checking a password: %w", err)
	}
	return user != nil && len(user.PasswordHash) > 0, nil
}

// unknownUserHash is of a password that nobody knows.
var unknownUserHash = func() []byte {
	hash, err := bcrypt.GenerateFromPassword([]byte(newSecret("")), passwordCost)
	if err != nil {
		panic(err) // only a password over 72 bytes can fail
	}
	return hash
}()
