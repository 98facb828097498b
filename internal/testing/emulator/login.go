// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"fmt"
	"net/http"
	"regexp"
	"time"

	"golang.org/x/text/cases"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator/store"
)

var sixDigits = regexp.MustCompile(`^[0-9]{6}$`)

type loginResult struct {
	Status       string        `json:"status"`
	AuthResponse *authResponse `json:"authResponse,omitempty"`
	PendingInfo  *pendingInfo  `json:"pendingInfo,omitempty"`
}

type authResponse struct {
	AccessToken   string   `json:"accessToken"`
	RefreshToken  string   `json:"refreshToken"`
	ExpiresIn     int64    `json:"expiresIn"`
	UserID        string   `json:"userId"`
	Email         string   `json:"email"`
	Name          string   `json:"name"`
	AvatarURL     *string  `json:"avatarUrl"`
	PersonalOrgID string   `json:"personalOrgId"`
	Permissions   []string `json:"permissions"`
	Roles         []string `json:"roles"`
}

type pendingInfo struct {
	Token     string           `json:"pendingAuthenticationToken"`
	Factors   []factor         `json:"availableFactors"`
	Challenge pendingChallenge `json:"challenge"`
}

type factor struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

type pendingChallenge struct {
	ID        string    `json:"id"`
	FactorID  string    `json:"factorId"`
	ExpiresAt time.Time `json:"expiresAt"`
}

func loginWithPassword(c *call) error {
	var body struct {
		Email    string `json:"email"`
		Password string `json:"password"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	if body.Email == "" || body.Password == "" {
		return badRequest("email and password must not be empty.")
	}
	login, err := c.store.PasswordLogin(body.Email, secret.New(body.Password))
	if err != nil {
		return err
	}
	switch login.Outcome {
	case store.LoginDone:
		response, err := c.newSession(login.Profile)
		if err != nil {
			return err
		}
		return c.send(http.StatusOK, loginResult{Status: "Success", AuthResponse: response})
	case store.LoginNeedsFactor:
		c.server.deliver(login.Challenge.Mail)
		return c.send(http.StatusOK, loginResult{Status: "MfaRequired", PendingInfo: newPendingInfo(login)})
	case store.LoginUnverified:
		return c.send(http.StatusOK, loginResult{Status: "EmailVerificationRequired"})
	default:
		status := http.StatusOK
		if c.server.options.InvalidCredentials401 {
			status = http.StatusUnauthorized
		}
		return c.send(status, loginResult{Status: "InvalidCredentials"})
	}
}

func newPendingInfo(login store.Login) *pendingInfo {
	info := &pendingInfo{
		Token: login.PendingToken.Reveal(), Factors: []factor{},
		Challenge: pendingChallenge{login.Challenge.ID, login.Challenge.FactorID, login.Challenge.ExpiresAt},
	}
	for _, known := range login.Profile.User.Factors {
		info.Factors = append(info.Factors, factor{ID: known.ID, Type: known.Type})
	}
	return info
}

func createMFAChallenge(c *call) error {
	var body struct {
		FactorID string `json:"factorId"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	opened, err := c.store.OpenChallenge(body.FactorID)
	if err != nil {
		return err
	}
	c.server.deliver(opened.Mail)
	return c.send(http.StatusOK, struct {
		ChallengeID string    `json:"challengeId"`
		ExpiresAt   time.Time `json:"expiresAt"`
	}{opened.ID, opened.ExpiresAt})
}

func verifyMFA(c *call) error {
	var body struct {
		Token       string `json:"pendingAuthenticationToken"`
		ChallengeID string `json:"challengeId"`
		Code        string `json:"code"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	if !sixDigits.MatchString(body.Code) {
		return badRequest("code must have six digits.")
	}
	profile, err := c.store.VerifyLogin(secret.New(body.Token), body.ChallengeID, secret.New(body.Code))
	if err != nil {
		return err
	}
	return c.sendSession(profile)
}

func refreshToken(c *call) error {
	var body struct {
		RefreshToken string `json:"refreshToken"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	profile, next, err := c.store.Refresh(secret.New(body.RefreshToken))
	if err != nil {
		return err
	}
	access, err := c.server.newToken(profile)
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, struct {
		AccessToken  string `json:"accessToken"`
		RefreshToken string `json:"refreshToken"`
		ExpiresIn    int64  `json:"expiresIn"`
	}{access.Reveal(), next.Reveal(), c.server.expiresIn()})
}

func switchOrganization(c *call) error {
	var body struct {
		OrganizationID string `json:"organizationId"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	if body.OrganizationID == "" {
		return badRequest("organizationId must not be empty.")
	}
	profile, err := c.store.SwitchOrganization(c.actor, body.OrganizationID)
	if err != nil {
		return err
	}
	return c.sendSession(profile)
}

func (c *call) sendSession(profile store.Profile) error {
	response, err := c.newSession(profile)
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, response)
}

func (c *call) newSession(profile store.Profile) (*authResponse, error) {
	access, err := c.server.newToken(profile)
	if err != nil {
		return nil, err
	}
	refresh, err := c.store.NewRefreshToken(profile.User.ID, profile.OrganizationID)
	if err != nil {
		return nil, err
	}
	roles := []string{}
	if profile.Role != "" { // the token acts on an organization
		roles = append(roles, profile.Role)
	}
	return &authResponse{
		AccessToken: access.Reveal(), RefreshToken: refresh.Reveal(), ExpiresIn: c.server.expiresIn(),
		UserID: profile.User.ID, Email: profile.User.Email, Name: profile.User.Name,
		PersonalOrgID: profile.User.PersonalOrganizationID,
		Permissions:   store.Permissions(profile.Role), Roles: roles,
	}, nil
}

func (s *Server) expiresIn() int64 { return int64(s.options.AccessTokenTTL / time.Second) }

// deliver puts a code where its receiver finds it: the emulator sends no e-mail.
func (s *Server) deliver(mail *store.Mail) {
	if mail == nil {
		return
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.codes[cases.Fold().String(mail.To)] = mail.Code
	_, _ = fmt.Fprintf(s.options.Outbox, "To: %s\nYour login code is %s.\n", mail.To, mail.Code.Reveal())
}

// LastCode returns the last login code that was e-mailed to an address; sent is false when there was none.
func (s *Server) LastCode(email string) (code secret.String, sent bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	code, sent = s.codes[cases.Fold().String(email)]
	return code, sent
}
