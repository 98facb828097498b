// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package providerdata

import "sync"

// Claims knows what the resources of one walk manage, and stop managing: two resources for one thing, and one that ends what another
// begins with, are mistakes that no resource sees alone. It is safe for concurrent use; the zero value is ready.
type Claims struct {
	mu     sync.Mutex
	claims map[string]*claimed
}

// claimed holds how each resource writes the thing.
type claimed struct{ kept, ended []string }

func (c *Claims) of(thing string) *claimed {
	if c.claims == nil {
		c.claims = map[string]*claimed{}
	}
	if c.claims[thing] == nil {
		c.claims[thing] = &claimed{}
	}
	return c.claims[thing]
}

// Keep says that a resource manages a thing, and how it writes it. It gives how others write it that manage it, too, and that end it.
func (c *Claims) Keep(thing, spelling string) (kept, ended []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known := c.of(thing)
	kept, ended = known.kept, known.ended
	known.kept = append(append([]string{}, kept...), spelling)
	return kept, ended
}

// End says that a resource ends a thing, and how it writes it. It gives how others write it that manage it.
func (c *Claims) End(thing, spelling string) (kept []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known := c.of(thing)
	known.ended = append(append([]string{}, known.ended...), spelling)
	return known.kept
}

// Kept gives how the resources write a thing that manage it.
func (c *Claims) Kept(thing string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.of(thing).kept
}

// Ended gives how the resources write a thing that end it.
func (c *Claims) Ended(thing string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.of(thing).ended
}
