// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"context"
	"fmt"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/snapshot"
)

// view is a place as it was read at one time. It is safe for concurrent use.
type view interface {
	file(name string) (string, error)
	read(name string) (Adapter, error)
	names() []string
	refersTo(variable, except string) bool
	uses(name string) ([]string, error)
}

// viewer is a place that can be read as a whole.
type viewer interface {
	Place
	view() (view, error)
}

// Readings share what is read of places among all resources of a run, until this process writes there: Terraform refreshes and plans each
// resource by itself, and a thousand adapters of one place would read it a thousand times. They are safe for concurrent use.
type Readings struct{ views snapshot.Snapshot[view] }

// NewReadings makes readings that keep no error: what can't be read is tried again.
func NewReadings() *Readings {
	return &Readings{snapshot.Snapshot[view]{Keeps: func(error) bool { return false }}}
}

// Share gives a place whose readings are shared. Its changes are made to what is there then.
func (r *Readings) Share(place Place) Place {
	if whole, ok := place.(viewer); ok {
		return sharedPlace{whole, r}
	}
	return place
}

// sharedPlace is comparable, as places are.
type sharedPlace struct {
	viewer
	readings *Readings
}

// get reads the place, unless that was done.
func (s sharedPlace) get() (view, error) {
	key := fmt.Sprintf("%T %s", s.viewer, s.Path())
	return s.readings.views.Get(context.Background(), key, func(context.Context) (view, error) { return s.view() })
}

// drop forgets every place: one folder may be reached by several paths.
func (s sharedPlace) drop() { s.readings.views.Drop() }

// Check is the place's own, unless it was read without an error.
func (s sharedPlace) Check() error {
	if _, err := s.get(); err == nil {
		return nil
	}
	return s.viewer.Check()
}

// File is the place's, as it was read.
func (s sharedPlace) File(name string) (string, error) {
	if seen, err := s.get(); err == nil {
		return seen.file(name)
	}
	return s.viewer.File(name)
}

// Read is the place's, as it was read.
func (s sharedPlace) Read(name string) (Adapter, error) {
	if seen, err := s.get(); err == nil {
		return seen.read(name)
	}
	return s.viewer.Read(name)
}

// Names are the place's, as it was read.
func (s sharedPlace) Names() ([]string, error) {
	if seen, err := s.get(); err == nil {
		return seen.names(), nil
	}
	return s.viewer.Names()
}

// RefersTo is the place's, as it was read.
func (s sharedPlace) RefersTo(variable, except string) (bool, error) {
	if seen, err := s.get(); err == nil {
		return seen.refersTo(variable, except), nil
	}
	return s.viewer.RefersTo(variable, except)
}

// Uses is the place's, as it was read.
func (s sharedPlace) Uses(name string) ([]string, error) {
	if seen, err := s.get(); err == nil {
		return seen.uses(name)
	}
	return s.viewer.Uses(name)
}

// Locked reads anew, before and after.
func (s sharedPlace) Locked(ctx context.Context, do func() error) error {
	return s.viewer.Locked(ctx, func() error {
		s.drop()
		defer s.drop()
		return do()
	})
}

// Create is the place's.
func (s sharedPlace) Create(ctx context.Context, adapter Adapter, variable *Variable) error {
	defer s.drop()
	return s.viewer.Create(ctx, adapter, variable)
}

// Update is the place's.
func (s sharedPlace) Update(ctx context.Context, name string, adapter Adapter, variable *Variable) error {
	defer s.drop()
	return s.viewer.Update(ctx, name, adapter, variable)
}

// Delete is the place's.
func (s sharedPlace) Delete(ctx context.Context, name string) error {
	defer s.drop()
	return s.viewer.Delete(ctx, name)
}
