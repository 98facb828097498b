// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"fmt"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator/store"
)

const issuer = "terrascale-emulator"

type tokenClaims struct {
	jwt.RegisteredClaims
	Organization string `json:"org,omitempty"`
	Email        string `json:"email"`
}

// newToken makes an access token: a JWT with sub, org, email, iat, exp and jti, so that no two are the same.
func (s *Server) newToken(profile store.Profile) (secret.String, error) {
	now := s.options.Clock()
	claims := tokenClaims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: issuer, Subject: profile.User.ID, ID: uuid.NewString(),
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(s.options.AccessTokenTTL)),
		},
		Organization: profile.OrganizationID, Email: profile.User.Email,
	}
	text, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(s.store.SigningKey())
	if err != nil {
		return secret.String{}, fmt.Errorf("signing an access token: %w", err)
	}
	return secret.New(text), nil
}

func (s *Server) parseToken(token secret.String) (tokenClaims, error) {
	var claims tokenClaims
	_, err := jwt.ParseWithClaims(token.Reveal(), &claims,
		func(*jwt.Token) (any, error) { return s.store.SigningKey(), nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Name}),
		jwt.WithIssuer(issuer), jwt.WithExpirationRequired(), jwt.WithTimeFunc(s.options.Clock))
	return claims, err
}

// IssueToken makes an access token for a user without a login, acting on an organization that the user has joined,
// or on the user's personal one where organizationID is "". Its lifetime is that of every access token.
func (s *Server) IssueToken(email, organizationID string) (secret.String, error) {
	profile, err := s.store.Profile(email, organizationID)
	if err != nil {
		return secret.String{}, fmt.Errorf("emulator: %w", err)
	}
	return s.newToken(profile)
}
