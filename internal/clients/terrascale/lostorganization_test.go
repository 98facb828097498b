// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale_test

import (
	"context"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

var founded = terrascale.NewOrganization{Name: "Acme Analytics", Slug: "acme"}

// founding counts the organizations that were asked for.
func (e emulated) founding() int {
	all, _ := requests(e.Server, "createOrganization")
	return all
}

func TestOrganizationWhoseAnswerIsLostIsFound(t *testing.T) {
	for name, fault := range map[string]emulator.Fault{"broken after": {DropAfter: true}, "truncated": {Truncate: true}} {
		for _, wanted := range []terrascale.NewOrganization{founded, {Name: "Acme Analytics"}} {
			t.Run(name+" "+wanted.Slug, func(t *testing.T) {
				e := newEmulated(t)
				fault.Operation = "createOrganization"
				e.Inject(fault)
				made, err := e.client.CreateOrganization(t.Context(), wanted)
				require.NoError(t, err)
				require.Equal(t, 1, e.founding())
				kept, found := e.Organization(made.ID)
				require.True(t, found)
				require.Equal(t, wanted.Name, kept.Name)
			})
		}
	}
}

func TestOrganizationThatWasNotMadeIsNotMadeTwice(t *testing.T) {
	e := newEmulated(t)
	e.Inject(emulator.Fault{Operation: "createOrganization", Status: http.StatusBadGateway})
	_, err := e.client.CreateOrganization(t.Context(), founded)
	require.ErrorIs(t, err, terrascale.ErrAnswerLost)
	require.ErrorContains(t, err, "no organization that could have come of it is listed")
	require.Equal(t, 1, e.founding())
	_, found := e.OrganizationBySlug("acme")
	require.False(t, found)
}

func TestRefusedOrganizationIsNotLookedFor(t *testing.T) {
	e := newEmulated(t)
	_, err := e.client.CreateOrganization(t.Context(), terrascale.NewOrganization{Name: "Twin", Slug: "emulated"})
	require.ErrorIs(t, err, terrascale.ErrConflict)
	lost, _ := requests(e.Server, "listOrganizations")
	require.Equal(t, 1, lost)
}

// twins is a service that lists two organizations of a name after a call whose answer it breaks.
func twins(t *testing.T, read http.HandlerFunc) *terrascale.Client {
	t.Helper()
	twin := func(id string) object {
		return object{"organizationId": id, "organizationName": "Acme", "role": "owner", "joinedAt": "2026-11-22T12:00:00Z"}
	}
	other := object{"organizationId": "org_3", "organizationName": "Acme", "role": "member", "joinedAt": "2026-11-22T12:00:00Z"}
	s := serve(t, map[string]http.HandlerFunc{
		"POST /api/v1/organizations": hangUp,
		"GET /api/v1/organizations": inTurn(
			reply(200, object{"organizations": []object{}}), reply(200, object{"organizations": []object{twin("org_1"), twin("org_2"), other}}),
		),
		"GET /api/v1/organizations/org_1": read, "GET /api/v1/organizations/org_2": read,
	})
	client, _ := newClient(t, s, terrascale.Config{Clock: newClock().Now})
	return client
}

func TestLostOrganizationThatCannotBeToldIsNamed(t *testing.T) {
	young := organizationJSON()
	young["createdAt"] = "2026-11-22T11:59:00Z"
	for name, row := range map[string]struct {
		read http.HandlerFunc
		want string
	}{
		"two of them":      {reply(200, young), `it can't be told which of these came of it: org_1 ("Acme"), org_2 ("Acme")`},
		"not readable":     {problem(403, "Forbidden", "Not yours."), `whether one of these came of it: org_1 ("Acme"), org_2 ("Acme")`},
		"older than those": {reply(200, organizationJSON()), "no organization that could have come of it is listed"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := twins(t, row.read).CreateOrganization(t.Context(), terrascale.NewOrganization{Name: "Acme"})
			require.ErrorIs(t, err, terrascale.ErrAnswerLost)
			require.ErrorContains(t, err, row.want)
		})
	}
}

func TestLostOrganizationWithoutAListIsAnError(t *testing.T) {
	e := newEmulated(t)
	e.Inject(emulator.Fault{Operation: "createOrganization", DropAfter: true})
	e.Inject(emulator.Fault{Operation: "listOrganizations", Skip: 1, Status: http.StatusForbidden})
	_, err := e.client.CreateOrganization(t.Context(), founded)
	require.ErrorIs(t, err, terrascale.ErrAnswerLost)
	require.ErrorContains(t, err, "can't be listed")
	require.Equal(t, 1, e.founding())
}

func TestCancelledFoundingIsFoundNevertheless(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	young := organizationJSON()
	young["createdAt"] = "2026-11-22T12:00:00Z"
	s := serve(t, map[string]http.HandlerFunc{
		"POST /api/v1/organizations": func(_ http.ResponseWriter, r *http.Request) {
			cancel()
			<-r.Context().Done()
		},
		"GET /api/v1/organizations": inTurn(
			reply(200, object{"organizations": []object{}}),
			reply(200, object{"organizations": []object{
				{"organizationId": "org_1", "organizationName": "Acme", "role": "owner", "joinedAt": "2026-11-22T12:00:00Z"},
			}}),
		),
		getOrganization: reply(200, young),
	})
	client, _ := newClient(t, s, terrascale.Config{Clock: newClock().Now})
	made, err := client.CreateOrganization(ctx, terrascale.NewOrganization{Name: "Acme"})
	require.NoError(t, err)
	require.Equal(t, "org_1", made.ID)
}

// Two organizations of one name, whose answers are both lost: each call finds its own.
func TestOrganizationsAreFoundedInTurn(t *testing.T) {
	e := newEmulated(t)
	e.Inject(emulator.Fault{Operation: "createOrganization", DropAfter: true, Times: 2})
	var wait sync.WaitGroup
	ids := make([]string, 2)
	for index, slug := range []string{"", "acme"} {
		wait.Go(func() {
			made, err := e.client.CreateOrganization(t.Context(), terrascale.NewOrganization{Name: "Acme Analytics", Slug: slug})
			require.NoError(t, err)
			ids[index] = made.ID
		})
	}
	wait.Wait()
	require.NotEqual(t, ids[0], ids[1])
}
