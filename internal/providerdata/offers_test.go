// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package providerdata_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

func TestAFreshPasswordIsRightOnlyWhereALoginTakesIt(t *testing.T) {
	fresh, fixed := secret.New("freshfreshfresh"), secret.New("fixed")
	reader, cache := providerdata.Login{Subject: `PostgreSQL role "reader"`, Username: "reader"}, providerdata.Login{Subject: `Redis user "cache"`, Username: "cache"}
	url := func(username string, password secret.String) secret.String {
		return secret.New("postgres://" + username + ":" + password.Reveal() + "@db/app")
	}
	offers := func() *providerdata.Offers {
		var o providerdata.Offers
		o.Draw(secret.New("another"))
		o.Draw(fresh)
		return &o
	}

	o := offers()
	require.Nil(t, o.Write(url("reader", fresh), "a"), "nobody was offered it: it may be for what another provider makes")
	require.Equal(t, []string{"a"}, o.Answer(fresh, reader, false), "the keeper was planned before the login")
	require.Equal(t, &reader, o.Write(url("reader", fresh), "b"))

	o = offers()
	require.Empty(t, o.Answer(fresh, reader, true))
	require.Nil(t, o.Write(url("reader", fresh), "a"))

	o = offers()
	require.Empty(t, o.Answer(fixed, reader, false))
	require.Nil(t, o.Write(url("reader", fixed), "a"), "a value that every run brings is the one that the login has")

	o = offers()
	require.Empty(t, o.Answer(fresh, reader, false))
	require.Empty(t, o.Answer(fresh, cache, true))
	require.Equal(t, &reader, o.Write(url("reader", fresh), "a"))
	require.Nil(t, o.Write(url("cache", fresh), "b"))
	require.Nil(t, o.Write(fresh, "c"), "the password alone, which one of the two took")
}
