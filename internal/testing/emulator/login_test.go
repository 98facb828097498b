// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

type session struct {
	AccessToken, RefreshToken    string
	ExpiresIn                    int
	UserID, Email, PersonalOrgID string
	Roles                        []string
}

type loginAnswer struct {
	Status       string
	AuthResponse *session
	PendingInfo  *struct {
		PendingAuthenticationToken string
		AvailableFactors           []struct{ ID, Type string }
		Challenge                  struct {
			ID, FactorID string
			ExpiresAt    time.Time
		}
	}
}

func login(t *testing.T, server *emulator.Server, email, password string) loginAnswer {
	t.Helper()
	var answer loginAnswer
	body := object{"email": email, "password": password}
	client{t: t, server: server}.call(http.MethodPost, "/auth/password", body, http.StatusOK, &answer)
	return answer
}

func TestPasswordLogin(t *testing.T) {
	t.Parallel()
	server, clock := start(t, nil)
	answer := login(t, server, strings.ToUpper(emulator.DefaultOwnerEmail), emulator.DefaultPassword)
	require.Equal(t, "Success", answer.Status)
	require.Equal(t, 3600, answer.AuthResponse.ExpiresIn)
	require.Equal(t, emulator.DefaultOwnerUserID, answer.AuthResponse.UserID)
	require.Regexp(t, `^eyJ[^.]+\.[^.]+\.[^.]+$`, answer.AuthResponse.AccessToken)

	user := client{t: t, server: server, bearer: secret.New(answer.AuthResponse.AccessToken)}
	var listed struct {
		Organizations []struct{ OrganizationID, Role string }
	}
	user.call(http.MethodGet, "/api/v1/organizations", nil, http.StatusOK, &listed)
	require.Len(t, listed.Organizations, 2)
	require.Equal(t, answer.AuthResponse.PersonalOrgID, listed.Organizations[0].OrganizationID)

	clock.Advance(time.Hour + time.Second)
	user.problem(http.MethodGet, "/api/v1/organizations", nil, http.StatusUnauthorized)
}

func TestLoginWithoutAPersonalOrganization(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	personal := login(t, server, emulator.DefaultOwnerEmail, emulator.DefaultPassword).AuthResponse.PersonalOrgID
	require.NoError(t, server.DeleteOrganization(personal))
	answer := login(t, server, emulator.DefaultOwnerEmail, emulator.DefaultPassword)
	user := client{t: t, server: server, bearer: secret.New(answer.AuthResponse.AccessToken)}
	user.call(http.MethodPost, keys, object{"name": "a", "scopes": []string{"*"}}, http.StatusCreated, nil)
	require.Len(t, server.APIKeys(orgID), 1, "the first organization joined takes its place")

	require.NoError(t, server.DeleteOrganization(orgID))
	user.problem(http.MethodGet, keys, nil, http.StatusForbidden)
	answer = login(t, server, emulator.DefaultOwnerEmail, emulator.DefaultPassword)
	require.Empty(t, answer.AuthResponse.Roles)
	user = user.withBearer(secret.New(answer.AuthResponse.AccessToken))
	require.Contains(t, user.problem(http.MethodGet, keys, nil, http.StatusForbidden), "acts on no organization")
	user.call(http.MethodPost, "/api/v1/organizations", object{"name": "Fresh"}, http.StatusCreated, nil)
}

func TestWrongCredentials(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	require.Equal(t, "InvalidCredentials", login(t, server, emulator.DefaultOwnerEmail, "wrong").Status)
	require.Equal(t, "InvalidCredentials", login(t, server, "nobody@example.com", "wrong").Status)

	strict, _ := start(t, func(o *emulator.Options) { o.InvalidCredentials401 = true })
	client{t: t, server: strict}.call(http.MethodPost, "/auth/password",
		object{"email": emulator.DefaultOwnerEmail, "password": "wrong"}, http.StatusUnauthorized, nil)
}

func TestUnverifiedUserMustVerifyFirst(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	require.NoError(t, server.AddUser(emulator.SeedUser{Email: "new@example.com", Password: secret.New("secret"), Unverified: true}))
	require.Equal(t, "InvalidCredentials", login(t, server, "new@example.com", "wrong").Status)
	require.Equal(t, "EmailVerificationRequired", login(t, server, "new@example.com", "secret").Status)
}

func TestTOTPLogin(t *testing.T) {
	t.Parallel()
	server, clock := start(t, nil)
	anyone := client{t: t, server: server}
	verify := func(answer loginAnswer, code string, status int, into any) {
		t.Helper()
		anyone.call(http.MethodPost, "/auth/mfa/verify", object{
			"pendingAuthenticationToken": answer.PendingInfo.PendingAuthenticationToken,
			"challengeId":                answer.PendingInfo.Challenge.ID, "code": code,
		}, status, into)
	}
	code := func(offset time.Duration) string {
		t.Helper()
		code, err := totp.GenerateCodeCustom(emulator.DefaultTOTPSecret, clock.Now().Add(offset),
			totp.ValidateOpts{Period: 30, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		require.NoError(t, err)
		return code
	}
	answer := login(t, server, emulator.DefaultAdminEmail, emulator.DefaultPassword)
	require.Equal(t, "MfaRequired", answer.Status)
	require.Nil(t, answer.AuthResponse)
	require.Equal(t, "totp", answer.PendingInfo.AvailableFactors[0].Type)

	verify(answer, code(-90*time.Second), http.StatusUnauthorized, nil)
	verify(answer, code(90*time.Second), http.StatusUnauthorized, nil)
	verify(answer, "12345", http.StatusBadRequest, nil)
	var tokens session
	verify(answer, code(-30*time.Second), http.StatusOK, &tokens)
	require.Equal(t, emulator.DefaultAdminUserID, tokens.UserID)
	verify(answer, code(0), http.StatusUnauthorized, nil) // the pending login is spent

	answer = login(t, server, emulator.DefaultAdminEmail, emulator.DefaultPassword)
	clock.Advance(5 * time.Minute)
	verify(answer, code(0), http.StatusUnauthorized, nil) // the challenge is over, the pending login is not
	var challenge struct{ ChallengeID string }
	anyone.call(http.MethodPost, "/auth/mfa/challenge",
		object{"factorId": answer.PendingInfo.AvailableFactors[0].ID}, http.StatusOK, &challenge)
	answer.PendingInfo.Challenge.ID = challenge.ChallengeID
	for range 4 {
		verify(answer, code(10*time.Minute), http.StatusUnauthorized, nil)
	}
	verify(answer, code(0), http.StatusOK, nil)
	anyone.problem(http.MethodPost, "/auth/mfa/challenge", object{"factorId": "fac_none"}, http.StatusNotFound)
}

func TestALoginTakesItsOwnChallengeOnceOnly(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	anyone := client{t: t, server: server}
	for _, email := range []string{"x@example.com", "y@example.com"} {
		require.NoError(t, server.AddUser(emulator.SeedUser{Email: email, Password: secret.New("secret"), EmailFactor: true}))
	}
	mine, other := login(t, server, "x@example.com", "secret"), login(t, server, "y@example.com", "secret")
	verify := func(pending, challengeID, email string, status int) {
		t.Helper()
		code, _ := server.LastCode(email)
		anyone.call(http.MethodPost, "/auth/mfa/verify", object{
			"pendingAuthenticationToken": pending, "challengeId": challengeID, "code": code.Reveal(),
		}, status, nil)
	}
	pending := mine.PendingInfo.PendingAuthenticationToken
	verify(pending, other.PendingInfo.Challenge.ID, "y@example.com", http.StatusUnauthorized) // someone else's challenge
	verify(pending, mine.PendingInfo.Challenge.ID, "x@example.com", http.StatusOK)
	var fresh struct{ ChallengeID string }
	anyone.call(http.MethodPost, "/auth/mfa/challenge",
		object{"factorId": mine.PendingInfo.AvailableFactors[0].ID}, http.StatusOK, &fresh)
	verify(pending, fresh.ChallengeID, "x@example.com", http.StatusUnauthorized) // the pending login is spent
}

func TestTooManyWrongCodesEndAChallenge(t *testing.T) {
	t.Parallel()
	var outbox strings.Builder
	server, _ := start(t, func(o *emulator.Options) { o.Outbox = &outbox })
	require.NoError(t, server.AddUser(emulator.SeedUser{Email: "mail@example.com", Password: secret.New("secret"), EmailFactor: true}))
	answer := login(t, server, "mail@example.com", "secret")
	require.Equal(t, "email", answer.PendingInfo.AvailableFactors[0].Type)
	code, sent := server.LastCode("MAIL@example.com")
	require.True(t, sent)
	require.Contains(t, outbox.String(), code.Reveal())
	wrong := "000000"
	if code.Reveal() == wrong {
		wrong = "000001"
	}
	try := func(code string, status int) {
		t.Helper()
		client{t: t, server: server}.call(http.MethodPost, "/auth/mfa/verify", object{
			"pendingAuthenticationToken": answer.PendingInfo.PendingAuthenticationToken,
			"challengeId":                answer.PendingInfo.Challenge.ID, "code": code,
		}, status, nil)
	}
	for range 5 {
		try(wrong, http.StatusUnauthorized)
	}
	try(code.Reveal(), http.StatusUnauthorized)

	answer = login(t, server, "mail@example.com", "secret")
	code, _ = server.LastCode("mail@example.com")
	try(code.Reveal(), http.StatusOK)
}

func TestRefreshTokensAreSpentByUse(t *testing.T) {
	t.Parallel()
	server, clock := start(t, nil)
	anyone := client{t: t, server: server}
	first := login(t, server, emulator.DefaultOwnerEmail, emulator.DefaultPassword).AuthResponse
	refresh := func(token string, status int) (next session) {
		t.Helper()
		anyone.call(http.MethodPost, "/auth/refresh", object{"refreshToken": token}, status, &next)
		return next
	}
	second := refresh(first.RefreshToken, http.StatusOK)
	require.NotEqual(t, first.RefreshToken, second.RefreshToken)
	refresh(first.RefreshToken, http.StatusUnauthorized)
	third := refresh(second.RefreshToken, http.StatusOK)
	anyone.withBearer(secret.New(third.AccessToken)).call(http.MethodGet, "/api/v1/organizations", nil, http.StatusOK, nil)

	require.NoError(t, server.SpendRefreshTokens(emulator.DefaultOwnerEmail))
	refresh(third.RefreshToken, http.StatusUnauthorized)
	fresh := login(t, server, emulator.DefaultOwnerEmail, emulator.DefaultPassword).AuthResponse
	clock.Advance(7 * 24 * time.Hour)
	refresh(fresh.RefreshToken, http.StatusUnauthorized)
}

func TestInvalidatedAccessTokensLeaveRefreshTokens(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	tokens := login(t, server, emulator.DefaultOwnerEmail, emulator.DefaultPassword).AuthResponse
	user := client{t: t, server: server, bearer: secret.New(tokens.AccessToken)}
	require.NoError(t, server.InvalidateAccessTokens())
	user.problem(http.MethodGet, "/api/v1/organizations", nil, http.StatusUnauthorized)
	var next session
	user.call(http.MethodPost, "/auth/refresh", object{"refreshToken": tokens.RefreshToken}, http.StatusOK, &next)
	user.withBearer(secret.New(next.AccessToken)).call(http.MethodGet, "/api/v1/organizations", nil, http.StatusOK, nil)
}

func TestSwitchOrganization(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	tokens := login(t, server, emulator.DefaultOwnerEmail, emulator.DefaultPassword).AuthResponse
	user := client{t: t, server: server, bearer: secret.New(tokens.AccessToken)}
	user.call(http.MethodPost, keys, object{"name": "personal", "scopes": []string{"*"}}, http.StatusCreated, nil)
	require.Len(t, server.APIKeys(tokens.PersonalOrgID), 1)

	var switched session
	user.call(http.MethodPost, "/auth/switch-organization", object{"organizationId": orgID}, http.StatusOK, &switched)
	require.Equal(t, []string{"owner"}, switched.Roles)
	user.withBearer(secret.New(switched.AccessToken)).
		call(http.MethodPost, keys, object{"name": "team", "scopes": []string{"*"}}, http.StatusCreated, nil)
	require.Len(t, server.APIKeys(orgID), 1)
	var refreshed session // a refresh keeps the organization
	user.call(http.MethodPost, "/auth/refresh", object{"refreshToken": switched.RefreshToken}, http.StatusOK, &refreshed)
	user.withBearer(secret.New(refreshed.AccessToken)).
		call(http.MethodPost, keys, object{"name": "again", "scopes": []string{"*"}}, http.StatusCreated, nil)
	require.Len(t, server.APIKeys(orgID), 2)

	admin, _ := server.IssueToken(emulator.DefaultAdminEmail, "")
	stranger := user.withBearer(admin)
	stranger.problem(http.MethodPost, "/auth/switch-organization", object{"organizationId": tokens.PersonalOrgID}, http.StatusForbidden)
	stranger.problem(http.MethodPost, "/auth/switch-organization", object{"organizationId": "org_none"}, http.StatusForbidden)
	stranger.problem(http.MethodPost, "/auth/switch-organization", object{}, http.StatusBadRequest)
	require.NoError(t, server.SuspendOrganization(orgID))
	user.problem(http.MethodPost, "/auth/switch-organization", object{"organizationId": orgID}, http.StatusForbidden)
}
