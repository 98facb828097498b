// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package functions_test

import (
	"context"
	"math/big"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/terrascale/terraform-provider-terrascale/internal/functions"
)

// call runs a function as the framework does.
func call(t require.TestingT, f function.Function, arguments ...attr.Value) (attr.Value, *function.FuncError) {
	ctx := context.Background()
	var definition function.DefinitionResponse
	f.Definition(ctx, function.DefinitionRequest{}, &definition)
	empty, funcError := definition.Definition.Return.NewResultData(ctx)
	require.Nil(t, funcError)
	resp := function.RunResponse{Result: empty}
	f.Run(ctx, function.RunRequest{Arguments: function.NewArgumentsData(arguments)}, &resp)
	return resp.Result.Value(), resp.Error
}

func text(s string) attr.Value { return types.StringValue(s) }

func list(texts ...string) attr.Value {
	values := []attr.Value{}
	for _, s := range texts {
		values = append(values, text(s))
	}
	return types.ListValueMust(types.StringType, values)
}

func withNull(texts ...string) attr.Value {
	values := []attr.Value{}
	for _, s := range texts {
		values = append(values, text(s))
	}
	return types.ListValueMust(types.StringType, append(values, types.StringNull()))
}

// parts makes the object of a connection.
func parts(values map[string]attr.Value) attr.Value {
	kinds := map[string]attr.Type{}
	for name, value := range values {
		kinds[name] = value.Type(context.Background())
	}
	return types.DynamicValue(types.ObjectValueMust(kinds, values))
}

func number(n float64) attr.Value { return types.NumberValue(big.NewFloat(n)) }

func TestResults(t *testing.T) {
	for name, test := range map[string]struct {
		f         function.Function
		arguments []attr.Value
		want      attr.Value
	}{
		"connection":         {functions.NewConnectionString(), []attr.Value{text("postgres"), parts(map[string]attr.Value{"host": text("h"), "port": number(6000), "database": text("d"), "username": text("u"), "password": text("p@:/"), "sslmode": text("verify-full")})}, text("postgres://u:p%40%3A%2F@h:6000/d?sslmode=verify-full")},
		"numbers, booleans":  {functions.NewConnectionString(), []attr.Value{text("redis"), parts(map[string]attr.Value{"host": text("h"), "database": number(2), "tls": types.BoolValue(true), "max_retries": number(3)})}, text("rediss://h:6379/2?max_retries=3")},
		"a map":              {functions.NewConnectionString(), []attr.Value{text("mysql"), types.DynamicValue(types.MapValueMust(types.StringType, map[string]attr.Value{"host": text("h"), "port": text("1")}))}, text("tcp(h:1)/")},
		"nulls are left out": {functions.NewConnectionString(), []attr.Value{text("postgres"), parts(map[string]attr.Value{"host": text("h"), "port": types.NumberNull(), "sslmode": types.StringNull(), "password": types.DynamicNull()})}, text("postgres://h:5432/")},
		"not known yet":      {functions.NewConnectionString(), []attr.Value{text("postgres"), parts(map[string]attr.Value{"host": types.StringUnknown(), "port": number(1)})}, types.StringUnknown()},
		"redact":             {functions.NewRedact(), []attr.Value{text("see redis://:hush@h, password=hush")}, text("see redis://:(redacted)@h, password=(redacted)")},
		"env_ref":            {functions.NewEnvRef(), []attr.Value{text("DATABASE_URL_2")}, text("{{ env.DATABASE_URL_2 }}")},
		"env_ref, digits":    {functions.NewEnvRef(), []attr.Value{text("1a")}, text("{{ env.1a }}")},
		"no networks":        {functions.NewCIDRCollapse(), []attr.Value{list()}, list()},
		"networks":           {functions.NewCIDRCollapse(), []attr.Value{list("2001:DB8::/32", "10.0.1.0/24", "10.0.0.0/24", "192.0.2.1", "10.0.0.7", "2001:db8::1")}, list("10.0.0.0/23", "192.0.2.1/32", "2001:db8::/32")},
		"neighbours apart":   {functions.NewCIDRCollapse(), []attr.Value{list("10.0.1.0/24", "10.0.2.0/24")}, list("10.0.1.0/24", "10.0.2.0/24")},
		"everything":         {functions.NewCIDRCollapse(), []attr.Value{list("128.0.0.0/1", "0.0.0.0/1", "::/0")}, list("0.0.0.0/0", "::/0")},
		"itself":             {functions.NewScopesCover(), []attr.Value{list("database:read"), list("database:read")}, types.BoolValue(true)},
		"its family":         {functions.NewScopesCover(), []attr.Value{list("database:*"), list("database:read", "database:*")}, types.BoolValue(true)},
		"all":                {functions.NewScopesCover(), []attr.Value{list("*"), list("*", "repository:*", "database:write")}, types.BoolValue(true)},
		"nothing needed":     {functions.NewScopesCover(), []attr.Value{list(), list()}, types.BoolValue(true)},
		"nothing granted":    {functions.NewScopesCover(), []attr.Value{list(), list("database:read")}, types.BoolValue(false)},
		"another family":     {functions.NewScopesCover(), []attr.Value{list("database:*"), list("repository:read")}, types.BoolValue(false)},
		"more than that":     {functions.NewScopesCover(), []attr.Value{list("database:read", "database:write"), list("database:*")}, types.BoolValue(false)},
		"all is more":        {functions.NewScopesCover(), []attr.Value{list("database:*", "repository:*"), list("*")}, types.BoolValue(false)},
		"write is not read":  {functions.NewScopesCover(), []attr.Value{list("database:write"), list("database:read")}, types.BoolValue(false)},
		"days":               {functions.NewAddDuration(), []attr.Value{text("2027-03-01T00:00:00Z"), text("90d")}, text("2027-05-30T00:00:00Z")},
		"keeps the offset":   {functions.NewAddDuration(), []attr.Value{text("2027-12-31T23:00:00.5+02:00"), text("1w1h")}, text("2028-01-08T00:00:00.5+02:00")},
		"no time at all":     {functions.NewAddDuration(), []attr.Value{text("2027-03-01T00:00:00Z"), text("0s")}, text("2027-03-01T00:00:00Z")},
	} {
		t.Run(name, func(t *testing.T) {
			got, funcError := call(t, test.f, test.arguments...)
			require.Nil(t, funcError)
			require.Equal(t, test.want, got)
		})
	}
}

func TestErrorsNameTheArgument(t *testing.T) {
	object := func(name string, value attr.Value) attr.Value {
		return parts(map[string]attr.Value{"host": text("h"), name: value})
	}
	for name, test := range map[string]struct {
		f         function.Function
		arguments []attr.Value
		argument  int64
		want      string
	}{
		"no such connector": {functions.NewConnectionString(), []attr.Value{text("oracle"), object("port", text("1"))}, 0, "write one of postgres, mysql, redis, mongodb"},
		"not an object":     {functions.NewConnectionString(), []attr.Value{text("postgres"), types.DynamicValue(text("hush"))}, 1, "write { host ="},
		"no host":           {functions.NewConnectionString(), []attr.Value{text("postgres"), parts(map[string]attr.Value{"username": text("hush")})}, 1, "host: it is missing"},
		"a list in it":      {functions.NewConnectionString(), []attr.Value{text("postgres"), object("password", list("hush"))}, 1, "password: write a string, a number or a boolean"},
		"half a port":       {functions.NewConnectionString(), []attr.Value{text("postgres"), object("port", number(1.5))}, 1, "port: write a whole number"},
		"a wrong name":      {functions.NewConnectionString(), []attr.Value{text("postgres"), object("user", text("hush"))}, 1, "user: write username"},
		"no variable":       {functions.NewEnvRef(), []attr.Value{text("hush-hush")}, 0, "write letters, digits and _"},
		"empty variable":    {functions.NewEnvRef(), []attr.Value{text("")}, 0, "write letters, digits and _"},
		"hostile variable":  {functions.NewEnvRef(), []attr.Value{text("A }}hush{{ env.B")}, 0, "write letters, digits and _"},
		"host bits":         {functions.NewCIDRCollapse(), []attr.Value{list("10.0.0.0/8", "10.0.0.1/24")}, 0, `element 1: "10.0.0.1/24" has host bits set: write "10.0.0.0/24"`},
		"null network":      {functions.NewCIDRCollapse(), []attr.Value{withNull("10.0.0.0/8")}, 0, "element 1 is null"},
		"no such scope":     {functions.NewScopesCover(), []attr.Value{list("database:read"), list("database:drop")}, 1, `"database:drop" is not a scope: write one of database:read,`},
		"null scope":        {functions.NewScopesCover(), []attr.Value{withNull(), list()}, 0, "element 0 is null"},
		"no time":           {functions.NewAddDuration(), []attr.Value{text("tomorrow"), text("1d")}, 0, `write one such as "2027-03-01T00:00:00Z"`},
		"no duration":       {functions.NewAddDuration(), []attr.Value{text("2027-03-01T00:00:00Z"), text("-1d")}, 1, "write a number and a unit"},
		"after the end":     {functions.NewAddDuration(), []attr.Value{text("9999-12-31T00:00:00Z"), text("2d")}, 1, "later than the year 9999"},
	} {
		t.Run(name, func(t *testing.T) {
			_, funcError := call(t, test.f, test.arguments...)
			require.NotNil(t, funcError)
			require.NotNil(t, funcError.FunctionArgument)
			require.Equal(t, test.argument, *funcError.FunctionArgument)
			require.Contains(t, funcError.Text, test.want)
			require.NotContains(t, funcError.Text, "hush")
		})
	}
}

// TestCollapsedNetworksHoldTheSameAddresses counts the addresses of networks within one /24.
func TestCollapsedNetworksHoldTheSameAddresses(t *testing.T) {
	contains := func(prefixes []netip.Prefix, address netip.Addr) bool {
		return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(address) })
	}
	rapid.Check(t, func(t *rapid.T) {
		var before, after []netip.Prefix
		var texts []string
		for range rapid.IntRange(0, 20).Draw(t, "networks") {
			address := netip.AddrFrom4([4]byte{10, 0, 0, rapid.Byte().Draw(t, "byte")})
			prefix, err := address.Prefix(rapid.IntRange(25, 32).Draw(t, "bits"))
			require.NoError(t, err)
			before, texts = append(before, prefix), append(texts, prefix.String())
		}
		got, funcError := call(t, functions.NewCIDRCollapse(), list(texts...))
		require.Nil(t, funcError)
		for _, element := range got.(types.List).Elements() {
			prefix, err := netip.ParsePrefix(element.(types.String).ValueString())
			require.NoError(t, err)
			after = append(after, prefix)
		}
		for last := range 256 {
			address := netip.AddrFrom4([4]byte{10, 0, 0, byte(last)})
			require.Equal(t, contains(before, address), contains(after, address), address)
		}
		for i := 1; i < len(after); i++ {
			low, high := after[i-1], after[i]
			require.Negative(t, low.Addr().Compare(high.Addr()), "sorted")
			require.False(t, low.Overlaps(high))
			if low.Bits() == high.Bits() {
				wider, err := low.Addr().Prefix(low.Bits() - 1)
				require.NoError(t, err)
				require.False(t, wider.Contains(high.Addr()), "%s and %s make up %s", low, high, wider)
			}
		}
		rand.Shuffle(len(texts), func(i, j int) { texts[i], texts[j] = texts[j], texts[i] })
		again, funcError := call(t, functions.NewCIDRCollapse(), list(texts...))
		require.Nil(t, funcError)
		require.Equal(t, got, again, "the order means nothing")
	})
}
