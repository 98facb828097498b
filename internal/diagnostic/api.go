// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package diagnostic

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

const tokenOrLogin = "set access_token (environment variable TERRASCALE_ACCESS_TOKEN), or email and password " +
	"(TERRASCALE_EMAIL and TERRASCALE_PASSWORD)"

// apiAdvice goes from the most telling cause to the least: an error is often several of them.
var apiAdvice = []advice{
	{providerdata.ErrNotKnownYet, "A value of the provider block was still unknown. Apply what it comes from first (terraform apply -target=…), then this."},
	{terrascale.ErrNoCredentials, "In the provider block, " + tokenOrLogin + "."},
	{terrascale.ErrInvalidCredentials, "Correct email and password in the provider block, or TERRASCALE_EMAIL and TERRASCALE_PASSWORD. The provider does not try again with the same ones, so as not to lock the account."},
	{terrascale.ErrEmailVerificationRequired, "Follow the link in the service's e-mail to that address, then run this again."},
	{terrascale.ErrTOTPSecretRequired, "In the provider block, set totp_secret (environment variable TERRASCALE_TOTP_SECRET) to the base32 secret that the authenticator app was set up with, or use access_token (TERRASCALE_ACCESS_TOKEN)."},
	{terrascale.ErrMFAFactorUnsupported, "A program can't read that e-mail: enroll an authenticator app and set totp_secret (TERRASCALE_TOTP_SECRET), or use access_token (TERRASCALE_ACCESS_TOKEN)."},
	{terrascale.ErrInvalidTOTPSecret, "Correct totp_secret in the provider block, or TERRASCALE_TOTP_SECRET: it is the text of letters and the digits 2 to 7 that the service shows beside the QR code."},
	{terrascale.ErrInvalidMFACode, "Check totp_secret (TERRASCALE_TOTP_SECRET) and this machine's clock. A code works once: two runs that log in as one user within 30 seconds get in each other's way, so wait that long or give each its own user."},
	{terrascale.ErrLoginFailed, "Nothing was changed. Try again later, or use access_token (TERRASCALE_ACCESS_TOKEN)."},
	{terrascale.ErrSessionEnded, "An access token works for an hour and can't be renewed by itself: set a new access_token (TERRASCALE_ACCESS_TOKEN), or use email and password (TERRASCALE_EMAIL and TERRASCALE_PASSWORD), with which the provider renews its own."},
	{terrascale.ErrAnswerLost, "The change may have been made nevertheless. It was not repeated, since that could make a second one: look at the service before you apply again."},
	{terrascale.ErrOrganizationUnknown, "In the provider block, set organization_id (environment variable TERRASCALE_ORGANIZATION_ID)."},
	{terrascale.ErrUnauthenticated, "The service does not accept the credentials: in the provider block, " + tokenOrLogin + " anew."},
	{terrascale.ErrForbidden, "The user that the provider logs in as may not do this in the organization, or the organization's plan does not have it. Have an owner or admin give that user a higher role, or check organization_id and the plan."},
	{terrascale.ErrPreconditionFailed, "Somebody else changed it in the meantime, and nothing was overwritten: plan again."},
	{terrascale.ErrConflict, "Nothing was changed. What stands in the way is in the service's words above."},
	{terrascale.ErrBadRequest, "Nothing was changed. The service refuses a value that the provider let pass: correct it as its words above say."},
	{terrascale.ErrForeignAnswer, "Something between this machine and the service answered, such as a corporate proxy, or another server does. Nothing was taken for gone, and the state stays as it is. Check endpoint (TERRASCALE_ENDPOINT) and the proxy (HTTPS_PROXY, NO_PROXY), then run this again."},
	{terrascale.ErrStillListed, "Nothing was taken for gone, and the state stays as it is: run this again. If it goes on, something between this machine and the service may be answering, such as a proxy: look at the service's dashboard."},
	{terrascale.ErrNotFound, "It is not there, or the user that the provider logs in as may not see it: check organization_id and the id."},
	{terrascale.ErrTLS, "The connection is never made without verification. Behind a proxy that inspects TLS, set ca_file (TERRASCALE_CA_FILE) to its certificate authority; TLS 1.3 must be possible all the way."},
	{terrascale.ErrRedirected, "Set endpoint (TERRASCALE_ENDPOINT) to the service itself; a redirect could hand the credentials to somebody else."},
	{terrascale.ErrTimeout, "Run this again later, or raise request_timeout in the provider block."},
	{terrascale.ErrInvalidAnswer, "Check endpoint (TERRASCALE_ENDPOINT): something other than the service may be answering. If it is the service, its interface differs from what this version of the provider knows: please report it."},
	{terrascale.ErrAnswerTooLarge, "Check endpoint (TERRASCALE_ENDPOINT): something other than the service may be answering."},
	{terrascale.ErrEndlessList, "Check endpoint (TERRASCALE_ENDPOINT): something other than the service may be answering. If it is the service, please report it."},
	{terrascale.ErrInvalidArgument, "Nothing was sent. Correct the value that is named above."},
	{context.Canceled, "The run was interrupted. What was done so far is in the state."},
}

// API is the error of a failed call of the management API. The detail holds the service's own words, the HTTP status,
// and what to do next.
func API(summary string, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic(summary, APIDetail(err))
}

// APIWithAdvice is API where the resource knows better what to do next.
func APIWithAdvice(summary string, err error, next string) diag.Diagnostic {
	return diag.NewErrorDiagnostic(summary, sentence(err.Error())+"\n\n"+next)
}

// APIDetail is the detail of API, for warnings.
func APIDetail(err error) string {
	words := sentence(err.Error())
	if again := repeated(words, err); again != "" {
		return again
	}
	if next := refusal(err); next != "" {
		return words + "\n\n" + next
	}
	if explained := advise(words, err, apiAdvice); explained != words {
		return explained
	}
	if answer, ok := errors.AsType[*terrascale.APIError](err); ok && answer.Status >= http.StatusInternalServerError {
		return words + "\n\nThe service is in trouble. The provider tried again, as often as max_retries says: run this again later."
	}
	return words + "\n\nCheck that this machine reaches the service (endpoint, TERRASCALE_ENDPOINT), then run this again."
}

// refusals are what the service's words of a 403 can be about. Where they are other words, the advice of ErrForbidden holds.
var refusals = []struct{ word, next string }{
	{"maxapikeys", "The organization has as many live API keys as its plan allows: revoke those that nobody uses (data terrascale_api_keys " +
		"lists when each was last used), or have the plan raised. A rotation needs room for one key more."},
	{"maxmembers", "The organization has as many members and invitations as its plan allows: remove who left (data " +
		"terrascale_team_members lists them), or have the plan raised."},
	{"maxdatabases", "The organization has as many databases as its plan allows: delete one that nobody needs, or have the plan raised."},
	{"suspended", "A suspended organization answers to nothing: an owner has to settle with the service why it is suspended. Nothing was " +
		"changed, and what the state holds stays as it is."},
}

func refusal(err error) string {
	answer, ok := errors.AsType[*terrascale.APIError](err)
	if ok && answer.Status == http.StatusTooManyRequests {
		return rateLimited(answer.RetryAfter)
	}
	if !ok || answer.Status != http.StatusForbidden {
		return ""
	}
	said := strings.ToLower(answer.Title + " " + answer.Detail)
	for _, r := range refusals {
		if strings.Contains(said, r.word) {
			return r.next
		}
	}
	return ""
}

// rateLimited says whether the provider waited for the service's limit of the rate, and when to come back.
func rateLimited(asked time.Duration) string {
	if asked > terrascale.RateLimitPatience {
		return fmt.Sprintf("The service asks to wait %s. The provider waits for %.0f minutes at the most, so it did not wait. Run this again in %s.",
			asked, terrascale.RateLimitPatience.Minutes(), asked)
	}
	return fmt.Sprintf("The provider waited for %.0f minutes at the most, and the organization's limit was still used up. Run this again later, or run Terraform "+
		"with a lower -parallelism: something else may be using the limit.", terrascale.RateLimitPatience.Minutes())
}

// sentence turns an error's words into a sentence.
func sentence(words string) string {
	first, size := utf8.DecodeRuneInString(words)
	return string(unicode.ToUpper(first)) + words[size:]
}
