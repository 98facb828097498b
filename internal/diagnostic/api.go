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
	{providerdata.ErrNotKnownYet, "A value of the provider block is not known yet. Apply what it comes from first (terraform apply -target=…), then run this again."},
	{terrascale.ErrNoCredentials, "In the provider block, " + tokenOrLogin + "."},
	{terrascale.ErrInvalidCredentials, "Correct email and password in the provider block, or TERRASCALE_EMAIL and TERRASCALE_PASSWORD. The provider does not try the same ones twice: that could lock the account."},
	{terrascale.ErrEmailVerificationRequired, "Follow the link in the service's e-mail to that address, then run this again."},
	{terrascale.ErrTOTPSecretRequired, "In the provider block, set totp_secret (environment variable TERRASCALE_TOTP_SECRET) to the base32 secret that the authenticator app was set up with, or use access_token (TERRASCALE_ACCESS_TOKEN)."},
	{terrascale.ErrMFAFactorUnsupported, "The provider can't read that e-mail. Enroll an authenticator app and set totp_secret (TERRASCALE_TOTP_SECRET), or use access_token (TERRASCALE_ACCESS_TOKEN)."},
	{terrascale.ErrInvalidTOTPSecret, "Correct totp_secret in the provider block, or TERRASCALE_TOTP_SECRET: it is the text of letters and the digits 2 to 7 that the service shows beside the QR code."},
	{terrascale.ErrInvalidMFACode, "Check totp_secret (TERRASCALE_TOTP_SECRET) and this machine's clock. Each code works once, so two runs that log in as the same user within 30 seconds can fail. Wait 30 seconds, or give each run its own user."},
	{terrascale.ErrLoginFailed, "Nothing was changed. Try again later, or use access_token (TERRASCALE_ACCESS_TOKEN)."},
	{terrascale.ErrSessionEnded, "An access token works for one hour, and the provider can't renew it. Set a new access_token (TERRASCALE_ACCESS_TOKEN). Or use email and password (TERRASCALE_EMAIL and TERRASCALE_PASSWORD): the provider then renews its session by itself."},
	{terrascale.ErrAnswerLost, "The change may have been made. The provider did not repeat it, because that could make it twice. Look at the service before you apply again."},
	{terrascale.ErrOrganizationUnknown, "In the provider block, set organization_id (environment variable TERRASCALE_ORGANIZATION_ID)."},
	{terrascale.ErrUnauthenticated, "The service does not accept the credentials. In the provider block, " + tokenOrLogin + "."},
	{terrascale.ErrForbidden, "The user that the provider logs in as may not do this in the organization, or the organization's plan does not include it. Ask an owner or admin to give that user a higher role, or check organization_id and the plan."},
	{terrascale.ErrPreconditionFailed, "Somebody else changed it at the same time. Nothing was overwritten. Plan again."},
	{terrascale.ErrConflict, "Nothing was changed. The service's words above say why."},
	{terrascale.ErrBadRequest, "Nothing was changed. The service refuses a value. Correct it as the service's words above say."},
	{terrascale.ErrForeignAnswer, "A proxy between this machine and the service answered, or endpoint is another server. Nothing was taken for gone, and the state stays as it is. Check endpoint (TERRASCALE_ENDPOINT) and the proxy (HTTPS_PROXY, NO_PROXY), then run this again."},
	{terrascale.ErrStillListed, "Nothing was taken for gone, and the state stays as it is. Run this again. If it happens again, a proxy between this machine and the service may be answering. Compare with the service's dashboard."},
	{terrascale.ErrNotFound, "It does not exist, or the user that the provider logs in as may not see it. Check organization_id and the id."},
	{terrascale.ErrTLS, "The provider always verifies the certificate. Behind a proxy that inspects TLS, set ca_file (TERRASCALE_CA_FILE) to the proxy's certificate authority. The proxy must support TLS 1.3."},
	{terrascale.ErrRedirected, "Set endpoint (TERRASCALE_ENDPOINT) to the address of the service itself. The provider follows no redirect, because that could send the credentials elsewhere."},
	{terrascale.ErrTimeout, "Run this again later, or raise request_timeout in the provider block."},
	{terrascale.ErrInvalidAnswer, "Check endpoint (TERRASCALE_ENDPOINT): something other than the service may be answering. If it is the service, this version of the provider does not know its interface: please report it."},
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
		return words + "\n\nThe service failed. The provider tried again as often as max_retries says. Run this again later."
	}
	return words + "\n\nCheck that this machine can reach the service (endpoint, TERRASCALE_ENDPOINT), then run this again."
}

// refusals are what the service's words of a 403 can be about. Where they are other words, the advice of ErrForbidden holds.
var refusals = []struct{ word, next string }{
	{"maxapikeys", "The organization has as many live API keys as its plan allows. Revoke those that nobody uses (data terrascale_api_keys " +
		"shows when each was last used), or move to a larger plan. A rotation needs room for one more key."},
	{"maxmembers", "The organization has as many members and invitations as its plan allows. Remove those who left (data " +
		"terrascale_team_members lists all members), or move to a larger plan."},
	{"maxdatabases", "The organization has as many databases as its plan allows. Delete one that nobody needs, or move to a larger plan."},
	{"suspended", "The organization is suspended. An owner has to resolve this with the service. Nothing was " +
		"changed, and the state stays as it is."},
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
		return fmt.Sprintf("The service asks to wait %s. The provider waits at most %.0f minutes, so it did not wait. Run this again in %s.",
			asked, terrascale.RateLimitPatience.Minutes(), asked)
	}
	return fmt.Sprintf("The provider waited for up to %.0f minutes, and the organization's rate limit was still used up. Something else may be using it. Run this again later, or "+
		"run Terraform with a lower -parallelism.", terrascale.RateLimitPatience.Minutes())
}

// sentence turns an error's words into a sentence.
func sentence(words string) string {
	first, size := utf8.DecodeRuneInString(words)
	return string(unicode.ToUpper(first)) + words[size:]
}
