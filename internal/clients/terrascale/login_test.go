// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

func mfaRequired(factors []object, challenge object) http.HandlerFunc {
	pending := object{"pendingAuthenticationToken": "pat_pending123", "availableFactors": factors}
	if challenge != nil {
		pending["challenge"] = challenge
	}
	return reply(http.StatusOK, object{"status": "MfaRequired", "pendingInfo": pending})
}

var (
	totpFactor  = object{"id": "fac_totp", "type": "totp"}
	emailFactor = object{"id": "fac_email", "type": "email"}
)

func TestLoginOutcomes(t *testing.T) {
	status := func(code int, status string) http.HandlerFunc { return reply(code, object{"status": status}) }
	for name, row := range map[string]struct {
		answer http.HandlerFunc
		totp   string
		want   error
		calls  int // logins for two calls of the client: what failed in one is not tried again by the other
	}{
		"success":                       {loggedIn("t", "rt_1"), "", nil, 1},
		"wrong password with 200":       {status(200, "InvalidCredentials"), "", terrascale.ErrInvalidCredentials, 1},
		"wrong password with 401":       {status(401, "InvalidCredentials"), "", terrascale.ErrInvalidCredentials, 1},
		"wrong password with a problem": {problem(401, "Unauthorized", "no"), "", terrascale.ErrInvalidCredentials, 1},
		"unverified e-mail":             {status(200, "EmailVerificationRequired"), "", terrascale.ErrEmailVerificationRequired, 1},
		"unverified e-mail with 403":    {status(403, "EmailVerificationRequired"), "", terrascale.ErrEmailVerificationRequired, 1},
		"service's own error":           {status(200, "Error"), "", terrascale.ErrLoginFailed, 1},
		"status nobody knows":           {status(200, "Sabbath"), "", terrascale.ErrLoginFailed, 1},
		"no tokens":                     {status(200, "Success"), "", terrascale.ErrInvalidAnswer, 1},
		"empty token":                   {loggedIn("", ""), "", terrascale.ErrInvalidAnswer, 1},
		"forbidden":                     {problem(403, "Forbidden", "blocked"), "", terrascale.ErrForbidden, 1},
		"bad request":                   {problem(400, "Bad Request", "e-mail"), "", terrascale.ErrBadRequest, 1},
		"code without a TOTP secret":    {mfaRequired([]object{emailFactor, totpFactor}, nil), "", terrascale.ErrTOTPSecretRequired, 1},
		"only a factor by e-mail":       {mfaRequired([]object{emailFactor}, nil), totpSecretText, terrascale.ErrMFAFactorUnsupported, 1},
		"no pending info":               {status(200, "MfaRequired"), totpSecretText, terrascale.ErrInvalidAnswer, 1},
		"malformed TOTP secret": {mfaRequired([]object{totpFactor}, object{"id": "c", "factorId": "fac_totp", "expiresAt": "2999-01-01T00:00:00Z"}),
			"not base32!", terrascale.ErrInvalidTOTPSecret, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, map[string]http.HandlerFunc{login: row.answer, listKeys: noKeys})
			config := withPassword()
			config.TOTPSecret = secret.New(row.totp)
			client, _ := newClient(t, s, config)
			for range 2 {
				_, err := client.ListAPIKeys(t.Context())
				if row.want == nil {
					require.NoError(t, err)
					continue
				}
				require.ErrorIs(t, err, row.want)
				require.NotContains(t, err.Error(), passwordText)
				require.NotContains(t, err.Error(), "pat_pending123")
				require.NotContains(t, err.Error(), "not base32!")
			}
			require.Len(t, s.calls(login), row.calls)
		})
	}
}

func TestLoginSendsTheCredentials(t *testing.T) {
	s := serve(t, map[string]http.HandlerFunc{login: loggedIn("jwt-1", "rt_1"), listKeys: noKeys})
	client, _ := newClient(t, s, withPassword())
	_, err := client.ListAPIKeys(t.Context())
	require.NoError(t, err)
	require.JSONEq(t, `{"email":"ops@example.com","password":"correct horse battery"}`, s.calls(login)[0].Body)
	require.Empty(t, s.calls(login)[0].Authorization)
	require.Equal(t, "Bearer jwt-1", s.calls(listKeys)[0].Authorization)
}

func TestLoginWithAuthenticatorCode(t *testing.T) {
	clock := newClock()
	live := clock.Now().Add(time.Minute).Format(time.RFC3339)
	dead := clock.Now().Add(-time.Minute).Format(time.RFC3339)
	for name, row := range map[string]struct {
		challenge object
		want      string // the challenge that is answered
		asked     int
	}{
		"challenge for the factor":       {object{"id": "chl_given", "factorId": "fac_totp", "expiresAt": live}, "chl_given", 0},
		"challenge for another factor":   {object{"id": "chl_mail", "factorId": "fac_email", "expiresAt": live}, "chl_asked", 1},
		"challenge that is over already": {object{"id": "chl_old", "factorId": "fac_totp", "expiresAt": dead}, "chl_asked", 1},
		"no challenge":                   {nil, "chl_asked", 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, map[string]http.HandlerFunc{
				login:     mfaRequired([]object{emailFactor, totpFactor}, row.challenge),
				challenge: reply(200, object{"challengeId": "chl_asked", "expiresAt": live}),
				verify:    reply(200, tokens("jwt-mfa", "rt_1")),
				listKeys:  noKeys,
			})
			config := withPassword()
			config.TOTPSecret = secret.New("jbsw y3dp-ehpk 3pxp")
			config.Clock = clock.Now
			client, _ := newClient(t, s, config)
			_, err := client.ListAPIKeys(t.Context())
			require.NoError(t, err)

			require.Len(t, s.calls(challenge), row.asked)
			for _, r := range s.calls(challenge) {
				require.JSONEq(t, `{"factorId":"fac_totp"}`, r.Body)
			}
			code, err := totp.GenerateCode(totpSecretText, clock.Now())
			require.NoError(t, err)
			want, err := json.Marshal(object{"pendingAuthenticationToken": "pat_pending123", "challengeId": row.want, "code": code})
			require.NoError(t, err)
			require.JSONEq(t, string(want), s.calls(verify)[0].Body)
			require.Equal(t, "Bearer jwt-mfa", s.calls(listKeys)[0].Authorization)
		})
	}
}

func TestWrongAuthenticatorCodeIsTriedOnce(t *testing.T) {
	for _, status := range []int{400, 401} {
		s := serve(t, map[string]http.HandlerFunc{
			login:  mfaRequired([]object{totpFactor}, object{"id": "c", "factorId": "fac_totp", "expiresAt": "2999-01-01T00:00:00Z"}),
			verify: problem(status, "No", "wrong code for pat_pending123"),
		})
		config := withPassword()
		config.TOTPSecret = secret.New(totpSecretText)
		client, _ := newClient(t, s, config)
		for range 3 {
			_, err := client.ListAPIKeys(t.Context())
			require.ErrorIs(t, err, terrascale.ErrInvalidMFACode)
			require.ErrorContains(t, err, "wrong code for (redacted)")
			require.NotContains(t, err.Error(), totpSecretText)
		}
		require.Len(t, s.calls(verify), 1)
	}
}

func TestMissingCredentials(t *testing.T) {
	for name, config := range map[string]terrascale.Config{
		"none":        {},
		"no password": {Email: "ops@example.com"},
		"no e-mail":   {Password: secret.New(passwordText)},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, nil)
			config.Endpoint = s.URL
			client, err := terrascale.New(config)
			require.NoError(t, err)
			_, err = client.ListAPIKeys(t.Context())
			require.ErrorIs(t, err, terrascale.ErrNoCredentials)
			_, err = client.ActiveOrganizationID(t.Context())
			require.ErrorIs(t, err, terrascale.ErrNoCredentials)
			require.Empty(t, s.calls(""))
		})
	}
}
