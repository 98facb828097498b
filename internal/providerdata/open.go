// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package providerdata

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
)

// Open is what ephemeral resources have open. Terraform does not close one when something that uses it fails, so that the
// provider ends what is left when Terraform ends the provider. It is safe for concurrent use; the zero value is ready.
type Open struct {
	mu   sync.Mutex
	ends map[string]func(context.Context) error
}

// Add remembers how to end something that was opened. The key is unique to it.
func (o *Open) Add(key string, end func(context.Context) error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ends == nil {
		o.ends = map[string]func(context.Context) error{}
	}
	o.ends[key] = end
}

// Remove forgets what was closed.
func (o *Open) Remove(key string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.ends, key)
}

// End ends all that is still open, at the same time, and forgets it.
func (o *Open) End(ctx context.Context) error {
	o.mu.Lock()
	ends := slices.Collect(maps.Values(o.ends))
	clear(o.ends)
	o.mu.Unlock()
	errs := make([]error, len(ends))
	var group sync.WaitGroup
	for i, end := range ends {
		group.Go(func() { errs[i] = end(ctx) })
	}
	group.Wait()
	return errors.Join(errs...)
}
