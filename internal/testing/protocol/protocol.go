// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package protocol calls the provider as a CLI does, message by message: for what the CLI on the machine does not know yet (identities, lists,
// actions), and for values that are hard to bring about in a configuration.
package protocol

import (
	"context"
	"fmt"
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/stretchr/testify/require"
)

// Object is a value as tests write it: texts, bools, ints, lists ([]any), objects and maps (Object), nil, Unknown, or a tftypes.Value. What an object
// leaves out is null.
type Object = map[string]any

type unknown struct{}

// Unknown is a value that is not known yet.
var Unknown any = unknown{}

// T is a test, or one try of a property.
type T interface {
	require.TestingT
	Helper()
	Context() context.Context
	Cleanup(func())
}

// Provider is a configured provider.
type Provider struct {
	tfprotov6.ProviderServer
	Schemas    *tfprotov6.GetProviderSchemaResponse
	Identities *tfprotov6.GetResourceIdentitySchemasResponse
	end        func()
	// serve serves the provider anew, configure configures it.
	serve     func() tfprotov6.ProviderServer
	configure func(ctx context.Context) []string
}

// Reconfigure serves and configures the provider anew in its process, as the testing library does for each walk of a run.
func (p *Provider) Reconfigure(t T) {
	t.Helper()
	p.ProviderServer = p.serve()
	require.Empty(t, p.configure(t.Context()))
}

// call gives the context of one call. It ends with the call, as it does when a CLI calls.
func call(t T) (context.Context, context.CancelFunc) { return context.WithCancel(t.Context()) }

// End closes what the provider has open, as the end of its process does. The end of the test does so, too.
func (p *Provider) End() {
	if p.end != nil {
		p.end()
	}
	*p = Provider{} // A test may have many, one after the other.
}

// New serves a provider, and configures it.
func New(t T, p provider.Provider, config Object) *Provider {
	t.Helper()
	serve := providerserver.NewProtocol6(p)
	server := serve()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	require.NoError(t, err)
	require.Empty(t, Errors(schemas.Diagnostics))
	identities, err := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	require.NoError(t, err)
	require.Empty(t, Errors(identities.Diagnostics))
	made := &Provider{ProviderServer: server, Schemas: schemas, Identities: identities, serve: serve}
	configure := func(ctx context.Context) []string {
		configured, err := made.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{
			TerraformVersion: "1.14.0", Config: made.dynamic(t, schemas.Provider.ValueType(), Value(schemas.Provider.ValueType(), config)),
		})
		require.NoError(t, err)
		return Errors(configured.Diagnostics)
	}
	made.configure = configure
	require.Empty(t, configure(t.Context()))
	made.end = func() { configure(context.WithoutCancel(t.Context())) } // It closes what the configuration before it opened.
	t.Cleanup(made.End)
	return made
}

// Errors gives the errors among diagnostics, and Warnings the others.
func Errors(diagnostics []*tfprotov6.Diagnostic) []string {
	return texts(diagnostics, tfprotov6.DiagnosticSeverityError)
}

// Warnings gives the warnings among diagnostics.
func Warnings(diagnostics []*tfprotov6.Diagnostic) []string {
	return texts(diagnostics, tfprotov6.DiagnosticSeverityWarning)
}

func texts(diagnostics []*tfprotov6.Diagnostic, severity tfprotov6.DiagnosticSeverity) []string {
	var found []string
	for _, one := range diagnostics {
		if one.Severity == severity {
			found = append(found, one.Summary+": "+one.Detail)
		}
	}
	return found
}

// Type is the type of a resource.
func (p *Provider) Type(typeName string) tftypes.Type {
	return p.Schemas.ResourceSchemas[typeName].ValueType()
}

func (p *Provider) identityType(typeName string) tftypes.Type {
	return p.Identities.IdentitySchemas[typeName].ValueType()
}

// Value makes a value of a type. It panics where it can't: that is a fault of the test.
func Value(of tftypes.Type, from any) tftypes.Value {
	switch from := from.(type) {
	case tftypes.Value:
		return from
	case nil:
		return tftypes.NewValue(of, nil)
	case unknown:
		return tftypes.NewValue(of, tftypes.UnknownValue)
	case int:
		return tftypes.NewValue(of, big.NewFloat(float64(from)))
	case []any:
		elements := make([]tftypes.Value, len(from))
		for i, element := range from {
			elements[i] = Value(elementType(of), element)
		}
		return tftypes.NewValue(of, elements)
	case Object:
		values := map[string]tftypes.Value{}
		if object, isObject := of.(tftypes.Object); isObject {
			for name, attribute := range object.AttributeTypes {
				values[name] = Value(attribute, from[name])
			}
			for name := range from {
				if _, isThere := object.AttributeTypes[name]; !isThere {
					panic(fmt.Sprintf("there is no attribute %s in %s", name, of))
				}
			}
		} else {
			for name, element := range from {
				values[name] = Value(elementType(of), element)
			}
		}
		return tftypes.NewValue(of, values)
	default:
		return tftypes.NewValue(of, from)
	}
}

func elementType(of tftypes.Type) tftypes.Type {
	switch of := of.(type) {
	case tftypes.List:
		return of.ElementType
	case tftypes.Set:
		return of.ElementType
	case tftypes.Map:
		return of.ElementType
	default:
		panic(fmt.Sprintf("%s has no elements", of))
	}
}

func (p *Provider) dynamic(t T, of tftypes.Type, value tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	made, err := tfprotov6.NewDynamicValue(of, value)
	require.NoError(t, err)
	return &made
}

// Fields gives the attributes of an object.
func Fields(t T, object tftypes.Value) map[string]tftypes.Value {
	t.Helper()
	var fields map[string]tftypes.Value
	require.NoError(t, object.As(&fields))
	return fields
}

// Text gives a text attribute of an object; empty where it is null or unknown.
func Text(t T, object tftypes.Value, name string) string {
	t.Helper()
	value := Fields(t, object)[name]
	if value.IsNull() || !value.IsKnown() {
		return ""
	}
	var text string
	require.NoError(t, value.As(&text))
	return text
}

// Instance is a resource as a CLI keeps it in the state.
type Instance struct {
	TypeName string
	State    tftypes.Value
	Identity *tfprotov6.ResourceIdentityData
	Private  []byte
}

// Plan is what a provider plans.
type Plan struct {
	Config, Proposed, Planned tftypes.Value
	Errors, Warnings          []string
	response                  *tfprotov6.PlanResourceChangeResponse
}

// Validate asks what the provider says of a configuration.
func (p *Provider) Validate(t T, typeName string, config tftypes.Value) []string {
	t.Helper()
	ctx, end := call(t)
	defer end()
	response, err := p.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{
		TypeName: typeName, Config: p.dynamic(t, p.Type(typeName), config),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	require.NoError(t, err)
	return Errors(response.Diagnostics)
}

// Plan plans a change of an instance, or a new one where its state is null.
func (p *Provider) Plan(t T, prior Instance, config tftypes.Value) Plan {
	t.Helper()
	of := p.Type(prior.TypeName)
	made := Plan{Config: config, Proposed: proposed(p.Schemas.ResourceSchemas[prior.TypeName], prior.State, config)}
	ctx, end := call(t)
	defer end()
	response, err := p.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: prior.TypeName, PriorState: p.dynamic(t, of, prior.State), ProposedNewState: p.dynamic(t, of, made.Proposed),
		Config: p.dynamic(t, of, config), PriorPrivate: prior.Private, PriorIdentity: prior.Identity,
	})
	require.NoError(t, err)
	made.response, made.Errors, made.Warnings = response, Errors(response.Diagnostics), Warnings(response.Diagnostics)
	if len(made.Errors) == 0 {
		made.Planned, err = response.PlannedState.Unmarshal(of)
		require.NoError(t, err)
	}
	return made
}

// Apply carries a plan out, with a configuration in which all is known.
func (p *Provider) Apply(t T, prior Instance, plan Plan, config tftypes.Value) (Instance, []string) {
	t.Helper()
	of := p.Type(prior.TypeName)
	ctx, end := call(t)
	defer end()
	response, err := p.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: prior.TypeName, PriorState: p.dynamic(t, of, prior.State), PlannedState: p.dynamic(t, of, plan.Planned),
		Config: p.dynamic(t, of, config), PlannedPrivate: plan.response.PlannedPrivate, PlannedIdentity: plan.response.PlannedIdentity,
	})
	require.NoError(t, err)
	made := Instance{TypeName: prior.TypeName, Identity: response.NewIdentity, Private: response.Private}
	made.State, err = response.NewState.Unmarshal(of)
	require.NoError(t, err)
	return made, Errors(response.Diagnostics)
}

// None is an instance that is not there yet.
func (p *Provider) None(typeName string) Instance {
	return Instance{TypeName: typeName, State: tftypes.NewValue(p.Type(typeName), nil)}
}

// Create plans and makes a resource.
func (p *Provider) Create(t T, typeName string, config Object) Instance {
	t.Helper()
	value := Value(p.Type(typeName), config)
	require.Empty(t, p.Validate(t, typeName, value))
	plan := p.Plan(t, p.None(typeName), value)
	require.Empty(t, plan.Errors)
	made, errors := p.Apply(t, p.None(typeName), plan, value)
	require.Empty(t, errors)
	return made
}

// Destroy plans and makes the end of a resource.
func (p *Provider) Destroy(t T, instance Instance) []string {
	t.Helper()
	none := p.None(instance.TypeName).State
	plan := p.Plan(t, instance, none)
	if len(plan.Errors) > 0 {
		return plan.Errors
	}
	_, errors := p.Apply(t, instance, plan, none)
	return errors
}

// Read refreshes an instance.
func (p *Provider) Read(t T, instance Instance) (Instance, []string) {
	t.Helper()
	of := p.Type(instance.TypeName)
	ctx, end := call(t)
	defer end()
	response, err := p.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
		TypeName: instance.TypeName, CurrentState: p.dynamic(t, of, instance.State), Private: instance.Private, CurrentIdentity: instance.Identity,
	})
	require.NoError(t, err)
	errors := Errors(response.Diagnostics)
	if len(errors) > 0 {
		return instance, errors
	}
	read := Instance{TypeName: instance.TypeName, Identity: response.NewIdentity, Private: response.Private}
	read.State, err = response.NewState.Unmarshal(of)
	require.NoError(t, err)
	return read, nil
}

// Import imports by an id, or by an identity where the id is empty, and reads.
func (p *Provider) Import(t T, typeName, id string, identity Object) (Instance, []string) {
	t.Helper()
	request := &tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: id}
	if id == "" {
		of := p.identityType(typeName)
		request.Identity = &tfprotov6.ResourceIdentityData{IdentityData: p.dynamic(t, of, Value(of, identity))}
	}
	ctx, end := call(t)
	defer end()
	response, err := p.ImportResourceState(ctx, request)
	require.NoError(t, err)
	if errors := Errors(response.Diagnostics); len(errors) > 0 {
		return Instance{}, errors
	}
	require.Len(t, response.ImportedResources, 1)
	imported := response.ImportedResources[0]
	state, err := imported.State.Unmarshal(p.Type(typeName))
	require.NoError(t, err)
	return p.Read(t, Instance{TypeName: typeName, State: state, Identity: imported.Identity, Private: imported.Private})
}

// IdentityOf gives the attributes of an instance's identity; null ones are left out.
func (p *Provider) IdentityOf(t T, typeName string, identity *tfprotov6.ResourceIdentityData) map[string]string {
	t.Helper()
	require.NotNil(t, identity, "an identity")
	value, err := identity.IdentityData.Unmarshal(p.identityType(typeName))
	require.NoError(t, err)
	found := map[string]string{}
	for name := range Fields(t, value) {
		if text := Text(t, value, name); text != "" {
			found[name] = text
		}
	}
	return found
}

// Listed is what a list resource finds.
type Listed struct {
	Name     string
	Identity *tfprotov6.ResourceIdentityData
	// Resource is null where it was not asked for.
	Resource tftypes.Value
}

// List runs a list resource.
func (p *Provider) List(t T, typeName string, config Object, includeResource bool, limit int64) (found []Listed, errors []string) {
	t.Helper()
	of := p.Schemas.ListResourceSchemas[typeName].ValueType()
	server, isLister := p.ProviderServer.(interface {
		ListResource(context.Context, *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error)
		ValidateListResourceConfig(context.Context, *tfprotov6.ValidateListResourceConfigRequest) (*tfprotov6.ValidateListResourceConfigResponse, error)
	})
	require.True(t, isLister)
	value := p.dynamic(t, of, Value(of, config))
	validated, err := server.ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{TypeName: typeName, Config: value})
	require.NoError(t, err)
	if errors := Errors(validated.Diagnostics); len(errors) > 0 {
		return nil, errors
	}
	stream, err := server.ListResource(t.Context(), &tfprotov6.ListResourceRequest{TypeName: typeName, Config: value, IncludeResource: includeResource, Limit: limit})
	require.NoError(t, err)
	for result := range stream.Results {
		if failed := Errors(result.Diagnostics); len(failed) > 0 {
			errors = append(errors, failed...)
			continue
		}
		one := Listed{Name: result.DisplayName, Identity: result.Identity, Resource: tftypes.NewValue(p.Type(typeName), nil)}
		if result.Resource != nil {
			one.Resource, err = result.Resource.Unmarshal(p.Type(typeName))
			require.NoError(t, err)
		}
		found = append(found, one)
	}
	return found, errors
}

// Invoke validates, plans and invokes an action, and gives what it told while it ran.
func (p *Provider) Invoke(t T, typeName string, config Object) (progress, errors []string) {
	t.Helper()
	of := p.Schemas.ActionSchemas[typeName].Schema.ValueType()
	server, hasActions := p.ProviderServer.(tfprotov6.ActionServer)
	require.True(t, hasActions)
	value := p.dynamic(t, of, Value(of, config))
	validated, err := server.ValidateActionConfig(t.Context(), &tfprotov6.ValidateActionConfigRequest{ActionType: typeName, Config: value})
	require.NoError(t, err)
	if errors := Errors(validated.Diagnostics); len(errors) > 0 {
		return nil, errors
	}
	planned, err := server.PlanAction(t.Context(), &tfprotov6.PlanActionRequest{ActionType: typeName, Config: value})
	require.NoError(t, err)
	if errors := Errors(planned.Diagnostics); len(errors) > 0 {
		return nil, errors
	}
	stream, err := server.InvokeAction(t.Context(), &tfprotov6.InvokeActionRequest{ActionType: typeName, Config: value})
	require.NoError(t, err)
	for event := range stream.Events {
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress = append(progress, event.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			errors = append(errors, Errors(event.Diagnostics)...)
		}
	}
	return progress, errors
}
