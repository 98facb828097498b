// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package diagnostic_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

func TestAPISaysWhatHappenedAndWhatToDo(t *testing.T) {
	answer := func(status int) error {
		return &terrascale.APIError{Status: status, Operation: "create API key", Title: "Some title", Detail: "Some detail."}
	}
	for name, test := range map[string]struct {
		err  error
		want []string
	}{
		"no credentials":  {terrascale.ErrNoCredentials, []string{"access_token", "TERRASCALE_ACCESS_TOKEN", "email", "TERRASCALE_EMAIL", "password", "TERRASCALE_PASSWORD"}},
		"wrong password":  {terrascale.ErrInvalidCredentials, []string{"TERRASCALE_PASSWORD"}},
		"unverified":      {terrascale.ErrEmailVerificationRequired, []string{"Follow the link"}},
		"no TOTP secret":  {terrascale.ErrTOTPSecretRequired, []string{"totp_secret", "TERRASCALE_TOTP_SECRET"}},
		"e-mail factor":   {terrascale.ErrMFAFactorUnsupported, []string{"enroll an authenticator app"}},
		"bad TOTP secret": {terrascale.ErrInvalidTOTPSecret, []string{"TERRASCALE_TOTP_SECRET"}},
		"refused code":    {terrascale.ErrInvalidMFACode, []string{"clock"}},
		"login failed":    {terrascale.ErrLoginFailed, []string{"Try again later"}},
		"session ended":   {terrascale.ErrSessionEnded, []string{"new access_token", "TERRASCALE_ACCESS_TOKEN"}},
		"unauthenticated": {answer(401), []string{"HTTP 401", "does not accept the credentials", "TERRASCALE_ACCESS_TOKEN"}},
		"no organization": {terrascale.ErrOrganizationUnknown, []string{"organization_id", "TERRASCALE_ORGANIZATION_ID"}},
		"bad request":     {answer(400), []string{"HTTP 400", "Some detail.", "Correct it"}},
		"forbidden":       {answer(403), []string{"HTTP 403", "Some title: Some detail.", "plan", "role"}},
		"not found":       {answer(404), []string{"HTTP 404", "organization_id"}},
		"conflict":        {answer(409), []string{"HTTP 409", "Nothing was changed"}},
		"changed":         {answer(412), []string{"HTTP 412", "Plan again"}},
		"rate limited":    {answer(429), []string{"HTTP 429", "waited for up to 5 minutes", "-parallelism"}},
		"limited for long": {
			&terrascale.APIError{Status: 429, Operation: "create API key", RetryAfter: time.Hour},
			[]string{"HTTP 429", "asks to wait 1h0m0s", "did not wait", "Run this again in 1h0m0s"},
		},
		"server error":     {answer(500), []string{"HTTP 500", "The service failed", "Run this again later"}},
		"lost answer":      {fmt.Errorf("%w: %w", terrascale.ErrAnswerLost, answer(502)), []string{"HTTP 502", "may have been made"}},
		"lost by timeout":  {fmt.Errorf("%w: %w", terrascale.ErrAnswerLost, terrascale.ErrTimeout), []string{"may have been made"}},
		"timeout":          {terrascale.ErrTimeout, []string{"request_timeout"}},
		"TLS":              {terrascale.ErrTLS, []string{"ca_file", "TERRASCALE_CA_FILE"}},
		"redirect":         {terrascale.ErrRedirected, []string{"TERRASCALE_ENDPOINT"}},
		"foreign answer":   {terrascale.ErrInvalidAnswer, []string{"TERRASCALE_ENDPOINT"}},
		"large answer":     {terrascale.ErrAnswerTooLarge, []string{"TERRASCALE_ENDPOINT"}},
		"endless list":     {terrascale.ErrEndlessList, []string{"TERRASCALE_ENDPOINT"}},
		"invalid argument": {terrascale.ErrInvalidArgument, []string{"Nothing was sent"}},
		"not known yet":    {providerdata.ErrNotKnownYet, []string{"-target"}},
		"interrupted":      {context.Canceled, []string{"interrupted"}},
		"no connection":    {errors.New("dial tcp: refused"), []string{"endpoint", "TERRASCALE_ENDPOINT"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := diagnostic.API("Unable to create API key", fmt.Errorf("unable to create API key: %w", test.err))
			require.Equal(t, diag.SeverityError, got.Severity())
			require.Equal(t, "Unable to create API key", got.Summary())
			require.Contains(t, got.Detail(), "Unable to create API key: "+test.err.Error()+"\n\n")
			for _, want := range test.want {
				require.Contains(t, got.Detail(), want)
			}
		})
	}
}

func TestAPIWithAdviceReplacesTheAdvice(t *testing.T) {
	got := diagnostic.APIWithAdvice("Unable to invite member", fmt.Errorf("invite: %w", terrascale.ErrConflict), "Import it.")
	require.Equal(t, "Invite: conflict\n\nImport it.", got.Detail())
}
