// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/policyschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/recipients"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mysql"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/redis"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

func providerSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Manages who can read data: TerraScale API keys, team members and IP allowlists, Hyperterse " +
			"adapters, and the read-only database roles behind them. What a configuration does not use needs no credentials.",
		Attributes: map[string]schema.Attribute{
			"endpoint": schema.StringAttribute{
				MarkdownDescription: fmt.Sprintf("Base URL of the management API. Default `%s`. `http://` is refused unless "+
					"the host is loopback.", terrascale.DefaultEndpoint) + variable("ENDPOINT"),
				Optional: true,
			},
			"access_token": schema.StringAttribute{
				MarkdownDescription: "Access token (a JWT). It is used as it is, and can't be refreshed." + variable("ACCESS_TOKEN"),
				Optional:            true, Sensitive: true,
				Validators: []validator.String{stringvalidator.ConflictsWith(
					path.MatchRoot("email"), path.MatchRoot("password"), path.MatchRoot("totp_secret"))},
			},
			"email": schema.StringAttribute{
				MarkdownDescription: "Address to log in with, where no `access_token` is given." + variable("EMAIL"),
				CustomType:          customtypes.EmailType{}, Optional: true,
			},
			"password": schema.StringAttribute{
				MarkdownDescription: "Password to log in with." + variable("PASSWORD"),
				Optional:            true, Sensitive: true,
			},
			"totp_secret": schema.StringAttribute{
				MarkdownDescription: "The authenticator app's secret (base32). With it the six-digit code is computed at login." +
					variable("TOTP_SECRET"),
				Optional: true, Sensitive: true,
			},
			"organization_id": schema.StringAttribute{
				MarkdownDescription: "Organization to work in. Default: the token's active organization." + variable("ORGANIZATION_ID"),
				Optional:            true,
			},
			"ca_file": schema.StringAttribute{
				MarkdownDescription: "PEM file with certificate authorities to trust beside the system's, for a corporate " +
					"proxy. Certificates are always verified." + variable("CA_FILE"),
				Optional: true,
			},
			"max_retries": schema.Int64Attribute{
				MarkdownDescription: fmt.Sprintf("How often a call that may be repeated is tried again after a failure. Default `%d`. "+
					"An answer 429 (rate limited) is no failure: a call waits it out, for up to %.0f minutes.",
					terrascale.DefaultMaxRetries, terrascale.RateLimitPatience.Minutes()),
				Optional: true, Validators: []validator.Int64{int64validator.Between(0, 20)},
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "The longest that one try of a call may take. Default `30s`.",
				CustomType:          customtypes.DurationType{}, Optional: true,
			},
			"age_recipients": recipients.ProviderAttribute(variable("AGE_RECIPIENTS") + " There, separate them with commas or line ends."),
			"environment": schema.StringAttribute{
				MarkdownDescription: "Name of the environment. `prod`, `production` and `live` turn on the production " +
					"rules." + variable("ENVIRONMENT"),
				Optional: true,
			},
			"least_privilege": schema.StringAttribute{
				MarkdownDescription: "What the least-privilege rules do: `warn` (the default), `enforce` (their warnings become " +
					"errors, except for ways to write that everybody has and you may not be able to take away) or `off`." + variable("LEAST_PRIVILEGE"),
				Optional: true, Validators: []validator.String{stringvalidator.OneOf(levels()...)},
			},
			"postgresql": postgresqlSchema(),
			"mysql":      mysqlSchema(),
			"redis":      redisSchema(),
		},
	}
}

func levels() []string {
	names := make([]string, len(policy.Levels))
	for i, level := range policy.Levels {
		names[i] = string(level)
	}
	return names
}

func variable(name string) string { return " Environment variable: `TERRASCALE_" + name + "`." }

func portAttribute(port int) schema.Int64Attribute {
	return schema.Int64Attribute{
		MarkdownDescription: fmt.Sprintf("Port. Default `%d`.", port), Optional: true,
		Validators: []validator.Int64{int64validator.Between(1, 65535)},
	}
}

func postgresqlSchema() schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		MarkdownDescription: "PostgreSQL servers by name. The server named `default` takes what is left out from libpq's " +
			"`PG*` variables.",
		Optional: true,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"host": schema.StringAttribute{
				MarkdownDescription: "Name or address of the server, or a socket's folder. Default `localhost`.", Optional: true,
			},
			"port": portAttribute(postgresql.DefaultPort),
			"database": schema.StringAttribute{
				MarkdownDescription: fmt.Sprintf("Database to connect to for what is not in one database, such as roles. Default `%s`.",
					postgresql.DefaultDatabase),
				Optional: true,
			},
			policyschema.Name: serverExceptions(),
			"username":        schema.StringAttribute{MarkdownDescription: "User to connect as.", Optional: true},
			"password":        schema.StringAttribute{MarkdownDescription: "The user's password.", Optional: true, Sensitive: true},
			"sslmode": schema.StringAttribute{
				MarkdownDescription: fmt.Sprintf("libpq's: %s. Default `%s`. Anything less is a warning off loopback.",
					quotedList(postgresql.SSLModes), postgresql.DefaultSSLMode),
				Optional: true, Validators: []validator.String{stringvalidator.OneOf(postgresql.SSLModes...)},
			},
			"sslrootcert": schema.StringAttribute{
				MarkdownDescription: "PEM file of the certificate authorities to trust. Default: the system's.", Optional: true,
			},
			"sslcert": schema.StringAttribute{
				MarkdownDescription: "PEM file of a client certificate.", Optional: true,
				Validators: []validator.String{stringvalidator.AlsoRequires(path.MatchRelative().AtParent().AtName("sslkey"))},
			},
			"sslkey": schema.StringAttribute{
				MarkdownDescription: "PEM file of the client certificate's key.", Optional: true,
				Validators: []validator.String{stringvalidator.AlsoRequires(path.MatchRelative().AtParent().AtName("sslcert"))},
			},
			"connect_timeout": schema.StringAttribute{
				MarkdownDescription: "The longest that connecting may take. Default `15s`.",
				CustomType:          customtypes.DurationType{}, Optional: true,
			},
			"lock_timeout": schema.StringAttribute{
				MarkdownDescription: "The longest that a change waits for another session, such as `30s`. Then it fails, and names that " +
					"session. Default `1m`.",
				CustomType: customtypes.DurationType{}, Optional: true,
				Validators: []validator.String{customtypes.DurationAtLeast(time.Millisecond)},
			},
			"max_connections": schema.Int64Attribute{
				MarkdownDescription: fmt.Sprintf("The most connections to one database at a time. Default `%d`.",
					postgresql.DefaultMaxConnections),
				Optional: true, Validators: []validator.Int64{int64validator.Between(1, 100)},
			},
			"ssh": sshSchema(),
		}},
	}
}

func sshSchema() schema.SingleNestedAttribute {
	required := []validator.String{stringvalidator.LengthAtLeast(1)}
	return schema.SingleNestedAttribute{
		MarkdownDescription: "SSH bastion to go through. It resolves `host` and connects to it; TLS is still verified against `host`. " +
			"One SSH connection serves all databases of the server, within `connect_timeout`.",
		Optional: true,
		Attributes: map[string]schema.Attribute{
			"host": schema.StringAttribute{
				MarkdownDescription: "Name or address of the bastion.", Required: true, Validators: required,
			},
			"port": portAttribute(postgresql.DefaultSSHPort),
			"user": schema.StringAttribute{
				MarkdownDescription: "User to log in as on the bastion.", Required: true, Validators: required,
			},
			"private_key": schema.StringAttribute{
				MarkdownDescription: "The user's private key, in OpenSSH's form or PEM, without a passphrase.",
				Required:            true, Sensitive: true,
			},
			"host_key": schema.StringAttribute{
				MarkdownDescription: "The bastion's public key, such as `ssh-ed25519 AAAA…`: a line of `authorized_keys`, of " +
					"`known_hosts` or of what `ssh-keyscan` prints. It is always checked.",
				Required: true,
			},
		},
	}
}

func mysqlSchema() schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		MarkdownDescription: "MySQL (8.0 or newer) and MariaDB (10.4 or newer) servers by name.",
		Optional:            true,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"host":            schema.StringAttribute{MarkdownDescription: "Name or address of the server.", Required: true},
			"port":            portAttribute(mysql.DefaultPort),
			policyschema.Name: serverExceptions(),
			"username": schema.StringAttribute{
				MarkdownDescription: "User to connect as. It needs `CREATE USER`, `SELECT` on `mysql.*`, `SELECT` with grant " +
					"option on what it makes readable, and `PROCESS` and `CONNECTION ADMIN` (MySQL: `CONNECTION_ADMIN`) to end sessions.",
				Optional: true,
			},
			"password": schema.StringAttribute{MarkdownDescription: "The user's password.", Optional: true, Sensitive: true},
			"tls": schema.StringAttribute{
				MarkdownDescription: fmt.Sprintf("One of %s. Default `verify`. Anything less is a warning off loopback.",
					quotedList(mysql.TLSModes)),
				Optional: true, Validators: []validator.String{stringvalidator.OneOf(mysql.TLSModes...)},
			},
			"ca_file": schema.StringAttribute{
				MarkdownDescription: "PEM file of certificate authorities to trust beside the system's.", Optional: true,
			},
		}},
	}
}

func redisSchema() schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		MarkdownDescription: "Redis servers (7 or newer) by name.",
		Optional:            true,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"host":            schema.StringAttribute{MarkdownDescription: "Name or address of the server.", Required: true},
			"port":            portAttribute(redis.DefaultPort),
			policyschema.Name: serverExceptions(),
			"username":        schema.StringAttribute{MarkdownDescription: "User to connect as.", Optional: true},
			"password":        schema.StringAttribute{MarkdownDescription: "The user's password.", Optional: true, Sensitive: true},
			"tls": schema.BoolAttribute{
				MarkdownDescription: "Whether to encrypt, with a verified certificate. Default `true`; `false` is a warning off " +
					"loopback.",
				Optional: true,
			},
			"ca_file": schema.StringAttribute{
				MarkdownDescription: "PEM file of certificate authorities to trust beside the system's.", Optional: true,
			},
		}},
	}
}

func quotedList(values []string) string { return "`" + strings.Join(values, "`, `") + "`" }

// serverExceptions is the attribute with the exceptions of one server's connection.
func serverExceptions() schema.MapAttribute {
	return schema.MapAttribute{
		MarkdownDescription: policyschema.Describe(policy.UnverifiedTLS),
		Optional:            true, ElementType: types.StringType, Validators: policyschema.Validators(policy.UnverifiedTLS),
	}
}
