// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// How long the steps of a login stay open. The challenge's five minutes are in the service's own examples.
const (
	pendingLifetime   = 10 * time.Minute
	challengeLifetime = 5 * time.Minute
	challengeTries    = 5
)

// LoginOutcome says how a password login went.
type LoginOutcome int

// The outcomes of a password login.
const (
	LoginRefused LoginOutcome = iota
	LoginUnverified
	LoginNeedsFactor
	LoginDone
)

// Login is the result of a password login: Profile with LoginDone, the rest with LoginNeedsFactor.
type Login struct {
	Outcome      LoginOutcome
	Profile      Profile
	PendingToken secret.String
	Challenge    Challenge
}

// Challenge asks for one code of one factor. Mail is set when the code went out by e-mail.
type Challenge struct {
	ID, FactorID string
	ExpiresAt    time.Time
	Mail         *Mail
}

// Mail is a code on its way to its receiver.
type Mail struct {
	To   string
	Code secret.String
}

// PasswordLogin checks a password. With a second factor it opens a challenge of the user's first one.
func (s *Store) PasswordLogin(email string, password secret.String) (login Login, err error) {
	err = s.update(func(d *document) error {
		user := d.userByEmail(email)
		matches, err := passwordMatches(user, password)
		if err != nil || !matches {
			return err
		}
		if !user.Verified {
			login.Outcome = LoginUnverified
			return nil
		}
		login.Profile = d.profile(user, "")
		if len(user.Factors) == 0 {
			login.Outcome = LoginDone
			return nil
		}
		now := s.now()
		d.forgetExpired(now)
		login.Outcome = LoginNeedsFactor
		login.PendingToken = secret.New(newSecret("pat_"))
		d.Logins[digest(login.PendingToken.Reveal())] = &loginRecord{UserID: user.ID, ExpiresAt: now.Add(pendingLifetime)}
		login.Challenge, err = d.challenge(user, user.Factors[0], now)
		return err
	})
	return login, err
}

// OpenChallenge opens a challenge of any factor; an e-mail factor gets a code sent.
func (s *Store) OpenChallenge(factorID string) (opened Challenge, err error) {
	err = s.update(func(d *document) error {
		now := s.now()
		d.forgetExpired(now)
		for _, user := range d.Users {
			for _, factor := range user.Factors {
				if factor.ID == factorID {
					opened, err = d.challenge(user, factor, now)
					return err
				}
			}
		}
		return refuse(NotFound, "There is no factor %s.", factorID)
	})
	return opened, err
}

func (d *document) challenge(user *userRecord, factor factorRecord, now time.Time) (Challenge, error) {
	opened := Challenge{ID: newID("chl_"), FactorID: factor.ID, ExpiresAt: now.Add(challengeLifetime)}
	record := &challenge{FactorID: factor.ID, UserID: user.ID, ExpiresAt: opened.ExpiresAt}
	if factor.Type == EmailFactor {
		number, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
		if err != nil {
			return Challenge{}, fmt.Errorf("making a code: %w", err)
		}
		record.Code = fmt.Sprintf("%06d", number)
		opened.Mail = &Mail{To: user.Email, Code: secret.New(record.Code)}
	}
	d.Challenges[opened.ID] = record
	return opened, nil
}

// VerifyLogin ends a login that waits for a code. A wrong one may be tried again, a few times.
func (s *Store) VerifyLogin(pending secret.String, challengeID string, code secret.String) (profile Profile, err error) {
	var refusal error // outside of update: the count of failures is kept though the call is refused
	err = s.update(func(d *document) error {
		now := s.now()
		login := d.Logins[digest(pending.Reveal())]
		if login == nil || !login.ExpiresAt.After(now) {
			refusal = refuse(Unauthenticated, "The pending login is unknown, over or expired: log in again.")
			return nil
		}
		asked := d.Challenges[challengeID]
		if asked == nil || asked.UserID != login.UserID || !asked.ExpiresAt.After(now) || asked.Failures >= challengeTries {
			refusal = refuse(Unauthenticated, "The challenge is unknown, over or expired: ask for a new one.")
			return nil
		}
		user := d.Users[login.UserID]
		if !user.accepts(asked, code, now) {
			asked.Failures++
			refusal = refuse(Unauthenticated, "The code is wrong.")
			return nil
		}
		delete(d.Logins, digest(pending.Reveal()))
		delete(d.Challenges, challengeID)
		profile = d.profile(user, "")
		return nil
	})
	if err == nil {
		err = refusal
	}
	return profile, err
}

// accepts checks a code: an e-mailed one as sent, a TOTP one by the clock, give or take one step of 30 seconds.
func (u *userRecord) accepts(asked *challenge, code secret.String, now time.Time) bool {
	for _, factor := range u.Factors {
		switch {
		case factor.ID != asked.FactorID:
		case factor.Type == EmailFactor:
			return code.Reveal() == asked.Code
		default:
			valid, err := totp.ValidateCustom(code.Reveal(), factor.Secret, now, totpOptions)
			return err == nil && valid
		}
	}
	return false
}

var totpOptions = totp.ValidateOpts{Period: 30, Skew: 1, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

func checkTOTPSecret(key secret.String) error {
	if _, err := totp.GenerateCodeCustom(key.Reveal(), time.Unix(0, 0), totpOptions); err != nil {
		return fmt.Errorf("its TOTP secret is not base32: %w", err)
	}
	return nil
}

// forgetExpired keeps the state from growing with every login.
func (d *document) forgetExpired(now time.Time) {
	for key, login := range d.Logins {
		if !login.ExpiresAt.After(now) {
			delete(d.Logins, key)
		}
	}
	for id, challenge := range d.Challenges {
		if !challenge.ExpiresAt.After(now) {
			delete(d.Challenges, id)
		}
	}
	for key, refresh := range d.Refreshes {
		if !refresh.ExpiresAt.After(now) {
			delete(d.Refreshes, key)
		}
	}
}
