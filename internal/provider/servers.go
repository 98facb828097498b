// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/policyschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mysql"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/redis"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// defaultServer is the server that libpq's variables describe.
const defaultServer = "default"

// servers reads one of the maps of servers. make gets each entry whose every value is known.
func servers[Entry, Server any](
	ctx context.Context, attribute string, configured types.Map, diagnostics *diag.Diagnostics,
	make func(name string, at path.Path, entry Entry) Server,
) providerdata.Servers[Server] {
	result := providerdata.Servers[Server]{Attribute: attribute, Known: map[string]Server{}}
	if configured.IsUnknown() {
		result.AllUnknown = true
		return result
	}
	for name, value := range configured.Elements() {
		if hasUnknown(value) {
			result.NotKnownYet = append(result.NotKnownYet, name)
			continue
		}
		object, ok := value.(types.Object)
		if !ok {
			continue // The schema gives nothing else.
		}
		var entry Entry
		diagnostics.Append(object.As(ctx, &entry, basetypes.ObjectAsOptions{})...)
		result.Known[name] = make(name, path.Root(attribute).AtMapKey(name), entry)
	}
	slices.Sort(result.NotKnownYet)
	return result
}

func hasUnknown(value attr.Value) bool {
	if value.IsUnknown() {
		return true
	}
	object, ok := value.(types.Object)
	if !ok {
		return false
	}
	for _, attribute := range object.Attributes() {
		if hasUnknown(attribute) {
			return true
		}
	}
	return false
}

func postgresqlServers(
	ctx context.Context, configured types.Map, rules policy.Policy, diagnostics *diag.Diagnostics,
) providerdata.Servers[*postgresql.Server] {
	result := servers(ctx, "postgresql", configured, diagnostics,
		func(name string, at path.Path, entry postgresqlServer) *postgresql.Server {
			config := postgresql.Config{
				Host: entry.Host.ValueString(), Port: int(entry.Port.ValueInt64()), Database: entry.Database.ValueString(),
				Username: entry.Username.ValueString(), Password: secret.New(entry.Password.ValueString()),
				SSLMode: entry.SSLMode.ValueString(), SSLRootCert: entry.SSLRootCert.ValueString(),
				SSLCert: entry.SSLCert.ValueString(), SSLKey: entry.SSLKey.ValueString(),
				ConnectTimeout: customtypes.ParseDurationValue(entry.ConnectTimeout),
				LockTimeout:    customtypes.ParseDurationValue(entry.LockTimeout),
				MaxConnections: int(entry.MaxConnections.ValueInt64()),
				SSH:            entry.SSH.settings(at.AtName("ssh"), diagnostics),
			}
			if name == defaultServer {
				config = withLibpqVariables(config, diagnostics)
			}
			return newPostgreSQLServer(config, name, unverified{rules, at, entry.PolicyExceptions}, diagnostics)
		})
	_, isConfigured := configured.Elements()[defaultServer]
	if config := withLibpqVariables(postgresql.Config{}, &diag.Diagnostics{}); config.Host != "" && !isConfigured && !result.AllUnknown {
		config = withLibpqVariables(postgresql.Config{}, diagnostics)
		result.Known[defaultServer] = newPostgreSQLServer(
			config, defaultServer, unverified{rules, path.Root("postgresql"), types.MapNull(types.StringType)}, diagnostics)
	}
	return result
}

func newPostgreSQLServer(
	config postgresql.Config, name string, rule unverified, diagnostics *diag.Diagnostics,
) *postgresql.Server {
	if config.Host == "" {
		config.Host = "localhost"
	}
	verified := config.SSLMode == "" || config.SSLMode == postgresql.DefaultSSLMode
	diagnostics.Append(rule.apply("PostgreSQL server", name, `sslmode = "verify-full"`, verified, config.IsLoopback())...)
	return postgresql.NewServer(config)
}

// withLibpqVariables fills what is left out from libpq's variables.
func withLibpqVariables(config postgresql.Config, diagnostics *diag.Diagnostics) postgresql.Config {
	for variable, field := range map[string]*string{
		"PGHOST": &config.Host, "PGDATABASE": &config.Database, "PGUSER": &config.Username, "PGSSLMODE": &config.SSLMode,
		"PGSSLROOTCERT": &config.SSLRootCert, "PGSSLCERT": &config.SSLCert, "PGSSLKEY": &config.SSLKey,
	} {
		if *field == "" {
			*field = os.Getenv(variable)
		}
	}
	if config.Password.IsEmpty() {
		config.Password = secret.New(os.Getenv("PGPASSWORD"))
	}
	if config.SSLMode != "" && !slices.Contains(postgresql.SSLModes, config.SSLMode) {
		diagnostics.AddAttributeError(path.Root("postgresql"), "Invalid sslmode", fmt.Sprintf(
			"The environment variable PGSSLMODE is %q. The provider refuses it, because it may fall back to clear text. "+
				"Write one of %s.", config.SSLMode, strings.Join(postgresql.SSLModes, ", ")))
	}
	if config.Port == 0 {
		config.Port = wholeNumber("PGPORT", diagnostics)
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = time.Duration(wholeNumber("PGCONNECT_TIMEOUT", diagnostics)) * time.Second
	}
	return config
}

func wholeNumber(variable string, diagnostics *diag.Diagnostics) int {
	text := os.Getenv(variable)
	if text == "" {
		return 0
	}
	number, err := strconv.Atoi(text)
	if err != nil || number < 0 {
		diagnostics.AddAttributeError(path.Root("postgresql"), "Invalid environment variable",
			fmt.Sprintf("The environment variable %s is %q: write a whole number.", variable, text))
	}
	return number
}

func mysqlServers(
	ctx context.Context, configured types.Map, rules policy.Policy, diagnostics *diag.Diagnostics,
) providerdata.Servers[*mysql.Server] {
	return servers(ctx, "mysql", configured, diagnostics, func(name string, at path.Path, entry mysqlServer) *mysql.Server {
		config := mysql.Config{
			Host: entry.Host.ValueString(), Port: portOr(entry.Port, mysql.DefaultPort), Username: entry.Username.ValueString(),
			Password: secret.New(entry.Password.ValueString()), TLS: entry.TLS.ValueString(), CAFile: entry.CAFile.ValueString(),
		}
		if config.TLS == "" {
			config.TLS = mysql.TLSVerify
		}
		rule := unverified{rules, at, entry.PolicyExceptions}
		diagnostics.Append(rule.apply("MySQL server", name, `tls = "verify"`, config.TLS == mysql.TLSVerify, isLoopback(config.Host))...)
		return mysql.NewServer(config)
	})
}

func redisServers(
	ctx context.Context, configured types.Map, rules policy.Policy, diagnostics *diag.Diagnostics,
) providerdata.Servers[*redis.Server] {
	return servers(ctx, "redis", configured, diagnostics, func(name string, at path.Path, entry redisServer) *redis.Server {
		config := redis.Config{
			Host: entry.Host.ValueString(), Port: portOr(entry.Port, redis.DefaultPort), Username: entry.Username.ValueString(),
			Password: secret.New(entry.Password.ValueString()), TLS: entry.TLS.IsNull() || entry.TLS.ValueBool(),
			CAFile: entry.CAFile.ValueString(),
		}
		rule := unverified{rules, at, entry.PolicyExceptions}
		diagnostics.Append(rule.apply("Redis server", name, "tls = true", config.TLS, isLoopback(config.Host))...)
		return redis.NewServer(config)
	})
}

// unverified applies the rule that looks at a connection to a server.
type unverified struct {
	policy     policy.Policy
	at         path.Path
	exceptions types.Map
}

func (u unverified) apply(kind, name, instead string, isVerified, isLoopback bool) diag.Diagnostics {
	rules := policyschema.New(u.policy, u.at.AtName(policyschema.Name), u.exceptions)
	rules.Add(policy.UnverifiedTLS, u.at, u.policy.UnverifiedTLS(policy.Named(kind, name), instead, isVerified, isLoopback))
	return rules.Diagnostics()
}

func portOr(port types.Int64, standard int) int {
	if port.IsNull() {
		return standard
	}
	return int(port.ValueInt64())
}

func isLoopback(host string) bool {
	address := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || address != nil && address.IsLoopback()
}
