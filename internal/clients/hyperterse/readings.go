// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"context"
	"sync"
)

// view is a place as it was read at one time. It is safe for concurrent use.
type view interface {
	file(name string) (string, error)
	read(name string) (Adapter, error)
	refersTo(variable, except string) bool
	uses(name string) ([]string, error)
}

// viewer is a place that can be read as a whole.
type viewer interface {
	Place
	// view is nil where the place is none, and has no adapters.
	view() (view, error)
}

// Readings share what is read of places among all resources of a run, until this process writes there: Terraform refreshes and plans each
// resource by itself, and a thousand adapters of one place would read it a thousand times. The zero value is empty. They are safe for
// concurrent use.
type Readings struct {
	mu   sync.Mutex
	kept map[Place]*keptView
}

// keptView is one place's; nobody reads while somebody else does.
type keptView struct {
	mu     sync.Mutex
	isRead bool
	view   view
}

// Share gives a place whose readings are shared. Its changes are made to what is there then.
func (r *Readings) Share(place Place) Place {
	if whole, ok := place.(viewer); ok {
		return sharedPlace{whole, r}
	}
	return place
}

func (r *Readings) of(place Place) *keptView {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept == nil {
		r.kept = map[Place]*keptView{}
	}
	if r.kept[place] == nil {
		r.kept[place] = &keptView{}
	}
	return r.kept[place]
}

// sharedPlace is comparable, as places are.
type sharedPlace struct {
	viewer
	readings *Readings
}

// get reads the place, unless that was done. An error is not kept.
func (s sharedPlace) get() (view, error) {
	kept := s.readings.of(s.viewer)
	kept.mu.Lock()
	defer kept.mu.Unlock()
	if kept.isRead {
		return kept.view, nil
	}
	seen, err := s.view()
	if err == nil {
		kept.view, kept.isRead = seen, true
	}
	return seen, err
}

// drop forgets every place: one folder may be reached by several paths.
func (s sharedPlace) drop() {
	s.readings.mu.Lock()
	defer s.readings.mu.Unlock()
	s.readings.kept = nil
}

// Check is the place's own, unless it was read without an error.
func (s sharedPlace) Check() error {
	if seen, err := s.get(); err == nil && seen != nil {
		return nil
	}
	return s.viewer.Check()
}

// File is the place's, as it was read.
func (s sharedPlace) File(name string) (string, error) {
	if seen, err := s.get(); err == nil && seen != nil {
		return seen.file(name)
	}
	return s.viewer.File(name)
}

// Read is the place's, as it was read.
func (s sharedPlace) Read(name string) (Adapter, error) {
	if seen, err := s.get(); err == nil && seen != nil {
		return seen.read(name)
	}
	return s.viewer.Read(name)
}

// RefersTo is the place's, as it was read.
func (s sharedPlace) RefersTo(variable, except string) (bool, error) {
	if seen, err := s.get(); err == nil && seen != nil {
		return seen.refersTo(variable, except), nil
	}
	return s.viewer.RefersTo(variable, except)
}

// Uses is the place's, as it was read.
func (s sharedPlace) Uses(name string) ([]string, error) {
	if seen, err := s.get(); err == nil && seen != nil {
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
