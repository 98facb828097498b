// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

//nolint:bodyclose // attemptTransport has read and closed every body already.
package terrascale

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/pquerna/otp/totp"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale/api"
)

// How a login by password can fail.
var (
	ErrInvalidCredentials        = errors.New("the e-mail address or the password is wrong")
	ErrEmailVerificationRequired = errors.New("the user's e-mail address must be verified first")
	// ErrTOTPSecretRequired means that the user has an authenticator app and Config.TOTPSecret is empty.
	ErrTOTPSecretRequired = errors.New("the user logs in with an authenticator code, and there is no TOTP secret to compute it from")
	// ErrMFAFactorUnsupported means that none of the user's second factors can be answered by a program.
	ErrMFAFactorUnsupported = errors.New("the user's only second factor is a code sent by e-mail; enroll an authenticator app")
	ErrInvalidTOTPSecret    = errors.New("the TOTP secret is not base32")
	ErrInvalidMFACode       = errors.New("the authenticator code was refused: the TOTP secret is another factor's, the clock is wrong, or the code was used before")
	// ErrLoginFailed means that the service could not carry out the login, and does not say why.
	ErrLoginFailed = errors.New("the service could not carry out the login")
)

// login gets tokens for the e-mail address and password. The caller holds the gate.
func (c *Client) login(ctx context.Context) error {
	switch {
	case c.config.Email == "" && c.config.Password.IsEmpty():
		return fmt.Errorf("%w: there is neither an access token nor an e-mail address and password", ErrNoCredentials)
	case c.config.Email == "":
		return fmt.Errorf("%w: there is a password but no e-mail address", ErrNoCredentials)
	case c.config.Password.IsEmpty():
		return fmt.Errorf("%w: there is an e-mail address but no password", ErrNoCredentials)
	}
	started := c.config.Clock()
	ctx, op := c.begin(ctx, "log in as "+c.config.Email, repeatAny)
	result, err := c.passwordLogin(ctx, op)
	if err != nil {
		return err
	}
	answer := result.AuthResponse
	switch result.Status {
	case api.LoginResultStatusSuccess:
	case api.LoginResultStatusMfaRequired:
		started = c.config.Clock()
		if answer, err = c.answerSecondFactor(ctx, op, result.PendingInfo); err != nil {
			return err
		}
	case api.LoginResultStatusInvalidCredentials:
		return op.broken(ErrInvalidCredentials)
	case api.LoginResultStatusEmailVerificationRequired:
		return op.broken(ErrEmailVerificationRequired)
	case api.LoginResultStatusError:
		return op.broken(ErrLoginFailed)
	default:
		return op.broken(fmt.Errorf("%w: the status is %q", ErrLoginFailed, op.scrub(string(result.Status))))
	}
	if answer == nil {
		return op.invalid("there is no authResponse in it")
	}
	next, err := newSession(op, *answer, started)
	if err != nil {
		return err
	}
	c.keep(next)
	return nil
}

// passwordLogin returns what the service says about the login, be it with 200 or with an error's status.
func (c *Client) passwordLogin(ctx context.Context, op *operation) (api.LoginResult, error) {
	response, err := c.public.LoginWithPassword(ctx, api.PasswordLogin{
		Email:    c.config.Email,
		Password: c.config.Password.Reveal(),
	})
	// "wrong-password": a refusal may come with 401, as a login result or as a problem.
	if err == nil && (response.StatusCode == http.StatusUnauthorized || response.StatusCode == http.StatusForbidden) {
		body, err := readAnswer(response)
		if err != nil {
			return api.LoginResult{}, op.broken(err)
		}
		var result api.LoginResult
		if json.Unmarshal(body, &result) == nil && result.Status.Valid() {
			return result, nil
		}
		if response.StatusCode == http.StatusUnauthorized {
			return api.LoginResult{}, fmt.Errorf("%w: %w", ErrInvalidCredentials, op.failure(response))
		}
	}
	return decode[api.LoginResult](op, response, err, http.StatusOK)
}

// answerSecondFactor finishes a login with a code of the user's authenticator app.
func (c *Client) answerSecondFactor(ctx context.Context, login *operation, pending *api.PendingLogin) (*api.AuthResponse, error) {
	if pending == nil || pending.PendingAuthenticationToken == "" {
		return nil, login.invalid("there is no pendingInfo in it")
	}
	factor := slices.IndexFunc(pending.AvailableFactors, func(f api.MfaFactor) bool { return f.Type == api.MfaFactorTypeTotp })
	if factor < 0 {
		return nil, login.broken(ErrMFAFactorUnsupported)
	}
	if c.config.TOTPSecret.IsEmpty() {
		return nil, login.broken(ErrTOTPSecretRequired)
	}
	factorID := pending.AvailableFactors[factor].ID
	challengeID := usableChallenge(pending.Challenge, factorID, c.config.Clock())
	if challengeID == "" {
		ctx, op := c.begin(ctx, "get an authenticator challenge", repeatAny)
		response, err := c.public.CreateMfaChallenge(ctx, api.MfaChallengeRequest{FactorID: factorID})
		challenge, err := decode[api.MfaChallenge](op, response, err, http.StatusOK)
		if err != nil {
			return nil, err
		}
		challengeID = challenge.ChallengeID
	}
	return c.verifyCode(ctx, pending.PendingAuthenticationToken, challengeID)
}

func (c *Client) verifyCode(ctx context.Context, pendingToken, challengeID string) (*api.AuthResponse, error) {
	// A code counts once, so that an attempt with a lost answer is not repeated.
	ctx, op := c.begin(ctx, "log in with an authenticator code", repeatRefused)
	// Authenticator secrets are often written in groups.
	key := strings.NewReplacer(" ", "", "-", "").Replace(c.config.TOTPSecret.Reveal())
	code, err := totp.GenerateCode(key, c.config.Clock())
	if err != nil {
		// The library's error could quote the secret.
		return nil, op.broken(ErrInvalidTOTPSecret)
	}
	op.hideText(pendingToken, code)
	response, err := c.public.VerifyMfa(ctx, api.MfaVerification{
		PendingAuthenticationToken: pendingToken,
		ChallengeID:                challengeID,
		Code:                       code,
	})
	if err == nil && isWrongCode(response.StatusCode) {
		return nil, fmt.Errorf("%w: %w", ErrInvalidMFACode, op.failure(response))
	}
	answer, err := decode[api.AuthResponse](op, response, err, http.StatusOK)
	if err != nil {
		return nil, err
	}
	return &answer, nil
}
