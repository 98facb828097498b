// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale/api"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// Assumption is one thing that the client takes for granted although the service's documentation is silent.
type Assumption struct {
	// Name is short and stable: documentation and errors refer to it.
	Name string
	// Statement is one sentence.
	Statement string
}

// Assumptions lists everything that the client assumes. Whatever relies on one is in this file, or names it.
var Assumptions = []Assumption{
	{"wrong-password", "A wrong password is answered with HTTP 200 and the status InvalidCredentials, or with HTTP 401."},
	{"mfa-challenge", "During a login, POST /auth/mfa/challenge needs no authentication besides the factor's id."},
	{"wrong-code", "A wrong or reused authenticator code is answered with HTTP 400 or 401."},
	{"totp-parameters", "Authenticator codes are six digits, SHA-1, for steps of 30 seconds."},
	{"spent-refresh-token", "A spent or expired refresh token is answered with HTTP 400, 401 or 403."},
	{"refresh-keeps-organization", "Refreshed tokens stay active for the organization of the tokens before them."},
	{"organization-claim", "When the access token has the claim org_id, that is its active organization."},
	{"caller-claims", "When the access token has the claims sub and email, they are its user's id and e-mail address."},
	{"caller-listed", "Whoever lists the members of an organization is one of them."},
	{"login-organization", "Without that claim, the tokens of a login are active for the user's personal organization."},
	{"only-organization", "Without a login either, the only organization of a user who belongs to one is the active one."},
	{"key-list-paging", "The list of API keys takes the query parameters limit (up to 100) and cursor."},
	{"key-creator", "A listed API key may say its creator's user id in createdBy."},
	{"pending-member-id", "While a member is pending, memberId is the invited e-mail address, path-escaped."},
	{"email-case", "E-mail addresses compare without case."},
	{"member-list-paging", "The list of members is not paged; if it says nextCursor, the parameter cursor leads on."},
	{"member-mfa", "A listed member may say in mfaEnabled whether the user has a second factor."},
	{"organization-lost", "An organization that a call made is among those that its maker lists as an owner, at once."},
	{"billing-email-removal", "An empty billingEmail in an update removes an organization's billing address."},
	{"expired-invitation", "An invitation that has expired vanishes from the list, or has a status other than active and pending."},
	{"ip-allowlist", "The calls GET and PUT …/ip-allowlist exist as the contract describes them, with ETag and If-Match."},
	{"database-names", "A database's name is unique in its organization and a repository's in its database: one that is taken is HTTP 409."},
	{"database-settings", "A database keeps its settings as they were sent, and lists take the query parameter limit up to 100."},
	{"delete-twice", "A DELETE that is repeated after a broken attempt, and is answered with 404, was carried out the first time."},
}

const keyPageSize = 100

// isWrongCode relies on "wrong-code".
func isWrongCode(status int) bool {
	return status == http.StatusBadRequest || status == http.StatusUnauthorized
}

// isSpentToken relies on "spent-refresh-token".
func isSpentToken(status int) bool {
	return slices.Contains([]int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden}, status)
}

// claims are what a token says of itself. Where it says nothing, they are empty.
type claims struct {
	// OrganizationID relies on "organization-claim".
	OrganizationID string `json:"org_id"`
	// Subject and Email rely on "caller-claims".
	Subject string `json:"sub"`
	Email   string `json:"email"`
}

// readClaims reads a token's claims. The signature is not verified: the service is the one to do that, and the claims decide nothing
// but whether to switch first, and who it is that asks.
func readClaims(token secret.String) claims {
	var c claims
	parts := strings.Split(token.Reveal(), ".")
	if len(parts) != 3 {
		return c
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil || json.Unmarshal(payload, &c) != nil {
		return claims{}
	}
	return c
}

func claimedOrganization(token secret.String) string { return readClaims(token).OrganizationID }

// isListed relies on "caller-listed": it reports whether somebody is in a list of members. Who is known by an id alone, which may be
// one of another kind, is taken for listed where anybody is.
func (c Caller) isListed(members []Member) bool {
	if c.UserID == "" && c.Email == "" {
		return true
	}
	return slices.ContainsFunc(members, func(m Member) bool {
		return m.UserID != nil && (*m.UserID == c.UserID || c.Email == "") || c.Email != "" && sameEmail(m.Email, c.Email)
	})
}

// organizationWithoutClaim relies on "login-organization" and "only-organization". It returns "" when neither helps.
func organizationWithoutClaim(personal string, memberships []Membership) string {
	if personal != "" {
		return personal
	}
	if len(memberships) == 1 {
		return memberships[0].OrganizationID
	}
	return ""
}

// memberID relies on "pending-member-id". The generated call escapes it.
func memberID(m Member) string {
	if m.UserID != nil && *m.UserID != "" {
		return *m.UserID
	}
	return m.Email
}

// sameEmail relies on "email-case".
func sameEmail(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}

// usableChallenge returns the id of the challenge that a login made already, if it is for the factor and still
// stands; otherwise "".
func usableChallenge(challenge *api.PendingChallenge, factorID string, now time.Time) string {
	if challenge == nil || challenge.FactorID != factorID || !now.Before(challenge.ExpiresAt) {
		return ""
	}
	return challenge.ID
}
