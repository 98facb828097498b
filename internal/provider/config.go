// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/recipients"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/extraroots"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

const variablePrefix = "TERRASCALE_"

// newData turns a provider block and the environment into what resources receive. It connects to nothing.
func (p *Provider) newData(ctx context.Context, config model, terraformVersion string) (*providerdata.Data, diag.Diagnostics) {
	var diagnostics diag.Diagnostics
	data := &providerdata.Data{Clock: p.clock, Open: p.open, Journal: p.journal, Places: hyperterse.NewReadings()}
	data.Policy = newPolicy(config, &diagnostics)
	data.AgeRecipients = ageRecipients(config, &diagnostics)
	data.API = p.newAPI(config, terraformVersion, &diagnostics)
	data.PostgreSQL = postgresqlServers(ctx, config.PostgreSQL, data.Policy, &diagnostics)
	data.MySQL = mysqlServers(ctx, config.MySQL, data.Policy, &diagnostics)
	data.Redis = redisServers(ctx, config.Redis, data.Policy, &diagnostics)
	return data, diagnostics
}

func newPolicy(config model, diagnostics *diag.Diagnostics) policy.Policy {
	level := fromEnvironment(config.LeastPrivilege, "LEAST_PRIVILEGE")
	p := policy.Policy{
		Level:      policy.Level(level),
		Production: policy.IsProduction(fromEnvironment(config.Environment, "ENVIRONMENT")),
	}
	switch p.Level {
	case policy.Warn, policy.Enforce, policy.Off:
	case "":
		p.Level = policy.Warn
	default:
		diagnostics.AddAttributeError(path.Root("least_privilege"), "Invalid least_privilege", fmt.Sprintf(
			"The environment variable TERRASCALE_LEAST_PRIVILEGE is %q: write warn, enforce or off.", level))
	}
	return p
}

// ageRecipients gives the default of age_recipients; the schema has validated what the configuration says.
func ageRecipients(config model, diagnostics *diag.Diagnostics) types.Set {
	if !config.AgeRecipients.IsNull() {
		return config.AgeRecipients
	}
	texts := strings.FieldsFunc(os.Getenv(variablePrefix+"AGE_RECIPIENTS"), func(r rune) bool { return r == ',' || r == '\n' })
	elements := make([]attr.Value, 0, len(texts))
	for i, text := range texts {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		if _, err := recipients.Parse(text); err != nil {
			diagnostics.AddAttributeError(path.Root("age_recipients"), diagnostic.InvalidAgeRecipient, fmt.Sprintf(
				"Recipient %d of the environment variable TERRASCALE_AGE_RECIPIENTS: %s.", i+1, err))
			continue
		}
		elements = append(elements, types.StringValue(text))
	}
	if len(elements) == 0 {
		return types.SetNull(types.StringType)
	}
	return types.SetValueMust(types.StringType, elements)
}

// newAPI makes the management API's client. While a value that it needs is unknown, it gives none.
func (p *Provider) newAPI(config model, terraformVersion string, diagnostics *diag.Diagnostics) providerdata.API {
	for _, value := range []types.String{
		config.Endpoint, config.AccessToken, config.Email.StringValue, config.Password, config.TOTPSecret,
		config.OrganizationID, config.CAFile, config.RequestTimeout.StringValue,
	} {
		if value.IsUnknown() {
			return providerdata.API{}
		}
	}
	if config.MaxRetries.IsUnknown() {
		return providerdata.API{}
	}
	settings := terrascale.Config{
		Endpoint:       fromEnvironment(config.Endpoint, "ENDPOINT"),
		OrganizationID: fromEnvironment(config.OrganizationID, "ORGANIZATION_ID"),
		MaxRetries:     terrascale.DefaultMaxRetries,
		RequestTimeout: customtypes.ParseDurationValue(config.RequestTimeout),
		UserAgent:      fmt.Sprintf("terraform-provider-terrascale/%s Terraform/%s", p.version, terraformVersion),
		Clock:          p.clock,
		Log:            tflog.Debug,
	}
	// What the configuration says goes before what the environment says, so that a token in the environment does not
	// take the place of the login that a configuration asks for.
	passwordLogin := !config.Email.IsNull() || !config.Password.IsNull()
	if !passwordLogin {
		settings.AccessToken = secret.New(fromEnvironment(config.AccessToken, "ACCESS_TOKEN"))
	}
	if config.AccessToken.IsNull() {
		settings.Email = fromEnvironment(config.Email.StringValue, "EMAIL")
		settings.Password = secret.New(fromEnvironment(config.Password, "PASSWORD"))
		settings.TOTPSecret = secret.New(fromEnvironment(config.TOTPSecret, "TOTP_SECRET"))
	}
	if !config.MaxRetries.IsNull() {
		settings.MaxRetries = int(config.MaxRetries.ValueInt64())
	}
	if file := fromEnvironment(config.CAFile, "CA_FILE"); file != "" {
		pool, err := extraroots.Pool(file)
		if err != nil {
			diagnostics.AddAttributeError(path.Root("ca_file"), "Unable to read ca_file", err.Error())
			return providerdata.API{}
		}
		settings.RootCAs = pool
	}
	client, err := terrascale.New(settings)
	if err != nil {
		diagnostics.Append(invalidSettings(err))
		return providerdata.API{}
	}
	return providerdata.NewAPI(client)
}

// invalidSettings names the attribute that the client does not take, and where else its value may come from.
func invalidSettings(err error) diag.Diagnostic {
	for _, known := range []struct {
		cause                        error
		summary, attribute, variable string
	}{
		{terrascale.ErrInvalidEndpoint, "Invalid endpoint", "endpoint", "ENDPOINT"},
		{terrascale.ErrInvalidToken, "Invalid access_token", "access_token", "ACCESS_TOKEN"},
	} {
		if errors.Is(err, known.cause) {
			return diag.NewAttributeErrorDiagnostic(path.Root(known.attribute), known.summary, fmt.Sprintf(
				"%s.\n\nThe value comes from %s in the provider block, or from the environment variable %s%s.",
				strings.TrimPrefix(err.Error(), known.cause.Error()+": "), known.attribute, variablePrefix, known.variable))
		}
	}
	return diag.NewErrorDiagnostic("Invalid provider configuration", err.Error())
}

// fromEnvironment gives an attribute's value and, where it is null, that of its TERRASCALE_ variable.
func fromEnvironment(value types.String, variable string) string {
	if value.IsNull() {
		return os.Getenv(variablePrefix + variable)
	}
	return value.ValueString()
}
